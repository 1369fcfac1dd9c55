using OrleansFlow.Standalone.Hosting;

namespace OrleansFlow.Tests.Unit.Standalone;

public sealed class HostJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flow-journal-").FullName;
    private readonly HostJournal _journal;

    public HostJournalTests() => _journal = new HostJournal(Path.Combine(_folder, "host.log"), null, TimeProvider.System);

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task TheLastWords_AreRead_ThoughNobodyListensAnyLonger()
    {
        using var listening = new CancellationTokenSource();
        await using var notices = _journal.NoticesAsync(listening.Token).GetAsyncEnumerator();
        _journal.Say("first");
        (await notices.MoveNextAsync()).ShouldBeTrue();
        notices.Current.ShouldBe("first");

        _journal.Say("last");
        await listening.CancelAsync();

        (await notices.MoveNextAsync()).ShouldBeTrue();
        notices.Current.ShouldBe("last");
        (await notices.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task ListeningEnds_WithTheListener_AndWithTheHost()
    {
        using var listening = new CancellationTokenSource();
        await using var left = _journal.NoticesAsync(listening.Token).GetAsyncEnumerator();
        await using var stayed = _journal.NoticesAsync(CancellationToken.None).GetAsyncEnumerator();
        var (leaving, staying) = (left.MoveNextAsync().AsTask(), stayed.MoveNextAsync().AsTask());

        await listening.CancelAsync();
        (await leaving).ShouldBeFalse();
        _journal.Dispose();

        (await staying).ShouldBeFalse();
    }
}
