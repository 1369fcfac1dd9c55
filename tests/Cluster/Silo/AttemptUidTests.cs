using OrleansFlow.Silo.Attempts;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>The home that the uid of an attempt names.</summary>
public sealed class AttemptUidTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(258)]
    [InlineData((1L << 48) - 1)]
    public void TheHome_IsFoundAgain_AndTheRestIsChance(long home)
    {
        var uids = Enumerable.Range(0, 100).Select(_ => AttemptUid.Of(Guid.NewGuid(), home)).ToList();

        uids.ShouldAllBe(uid => AttemptUid.HomeOf(uid) == home);
        uids.Distinct().Count().ShouldBe(100);
        uids.ShouldAllBe(uid => uid.Version == 8);
        uids[0].ToString()[^12..].ShouldBe(home.ToString("x12", null), "people can read it");
    }

    [Fact]
    public void AHomeThatDoesNotFit_IsRefused() => Should.Throw<ArgumentOutOfRangeException>(() => AttemptUid.Of(Guid.NewGuid(), 1L << 48));
}
