using Orleans.Runtime;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Silo.Membership;

/// <summary>Where the next attempt of a silo is to run.</summary>
public sealed class MembersTests
{
    private const long Home = 3;

    [Fact]
    public async Task WhileASiloStays_ItsNextAttemptsAreAtHome()
    {
        await using var members = await FollowAsync((1, SiloStatus.Active), (Home, SiloStatus.Active));

        Next(members, 100).ShouldAllBe(home => home == Home);
    }

    [Fact]
    public async Task WhenItLeaves_TheyAreSpreadOverThoseThatAreUp_AndNobodyElse()
    {
        await using var members = await FollowAsync(
            (1, SiloStatus.Active), (2, SiloStatus.Dead), (Home, SiloStatus.Active), (4, SiloStatus.ShuttingDown), (5, SiloStatus.Active),
            (6, SiloStatus.Stopping), (7, SiloStatus.Joining), (8, SiloStatus.Active));
        members.Leaving = true;

        var counts = Next(members, 300).CountBy(home => home).ToDictionary();

        counts.Keys.Order().ToArray().ShouldBe([1L, 5L, 8L]);
        counts.Values.ShouldAllBe(count => count == 100);
    }

    [Fact]
    public async Task WhenItLeaves_AndNobodyElseIsUp_TheyStayAtHome()
    {
        await using var members = await FollowAsync((1, SiloStatus.Dead), (2, SiloStatus.Joining), (Home, SiloStatus.Active), (4, SiloStatus.Stopping));
        members.Leaving = true;

        Next(members, 10).ShouldAllBe(home => home == Home);
    }

    [Fact]
    public async Task WhoDiedSince_GetsNoMore()
    {
        var membership = new FakeMembership();
        await using var members = await FollowAsync(membership, (1, SiloStatus.Active), (2, SiloStatus.Active), (Home, SiloStatus.Active));
        members.Leaving = true;
        var before = members.Current;

        membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Dead), (Home, SiloStatus.ShuttingDown));
        await members.NextAsync(before, default);

        Next(members, 10).ShouldAllBe(home => home == 1);
    }

    private static Task<Members> FollowAsync(params (long Seat, SiloStatus Status)[] silos) => FollowAsync(new FakeMembership(), silos);

    // Chance takes everybody in turn.
    private static async Task<Members> FollowAsync(FakeMembership membership, params (long Seat, SiloStatus Status)[] silos)
    {
        var turn = 0;
        membership.Tell(silos);
        var members = new Members(membership, Home, count => turn++ % count, new ToldDefects(), TimeProvider.System);
        members.Begin();
        await members.NextAsync(MemberList.Empty, default);
        return members;
    }

    private static List<long> Next(Members members, int count) => [.. Enumerable.Range(0, count).Select(_ => members.HomeOfNext())];
}
