using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Tests.Rpc.Client;

public class AddressBookTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_initial = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    [Fact]
    public void TheFirstAddress_IsUsed_AsLongAsItWorks()
    {
        var book = Book(3);
        book.Worked(0);
        book.Pick(s_now).ShouldBe((0, TimeSpan.Zero));
    }

    [Fact]
    public void AfterAFailure_TheNextIsUsed_AndStays()
    {
        var book = Book(3);
        book.Failed(0, s_now);
        book.Pick(s_now).ShouldBe((1, TimeSpan.Zero));
        book.Worked(1);
        book.Pick(s_now + s_longest * 10).ShouldBe((1, TimeSpan.Zero));
    }

    [Fact]
    public void WhenAllRest_TheOneThatIsRestedFirst_IsWaitedFor()
    {
        var book = Book(2);
        book.Failed(1, s_now);
        book.Failed(0, s_now + TimeSpan.FromMilliseconds(10));
        book.Pick(s_now + TimeSpan.FromMilliseconds(20)).ShouldBe((1, TimeSpan.FromMilliseconds(80)));
    }

    [Fact]
    public void Rests_Double_UpToALimit()
    {
        var book = Book(1);
        var rests = new List<double>();
        var now = s_now;
        for (var i = 0; i < 8; i++)
        {
            book.Failed(0, now);
            rests.Add(book.Pick(now).Wait.TotalMilliseconds);
            now += book.Pick(now).Wait;
        }

        rests.ShouldBe([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    [Fact]
    public void CallsThatFailTogether_AreOneFailure()
    {
        var book = Book(1);
        book.Failed(0, s_now);
        book.Failed(0, s_now);
        book.Failed(0, s_now + TimeSpan.FromMilliseconds(99));
        book.Pick(s_now).Wait.ShouldBe(s_initial);
    }

    [Fact]
    public void Rests_VaryByAFifth()
    {
        Rest(0).ShouldBe(80);
        Rest(1).ShouldBe(120);

        static double Rest(double chance)
        {
            var book = new AddressBook(1, s_initial, s_longest, () => chance);
            book.Failed(0, s_now);
            return book.Pick(s_now).Wait.TotalMilliseconds;
        }
    }

    private static AddressBook Book(int count) => new(count, s_initial, s_longest, () => 0.5);
}
