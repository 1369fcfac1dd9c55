using Orleans.Runtime;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Tests.Cluster.Harness;

namespace OrleansFlow.Tests.Cluster.Silo.Membership;

/// <summary>What is read from the membership.</summary>
public sealed class MemberListTests
{
    [Fact]
    public void TheOldestSeatThatIsUp_Leads_AndTheDeadAreKnownByTheirSeats()
    {
        var list = Of(("a.1", SiloStatus.Dead), ("b.2", SiloStatus.ShuttingDown), ("c.4", SiloStatus.Active), ("d.3", SiloStatus.Active), ("e.5", SiloStatus.Joining));

        list.Leader.ShouldBe(3);
        list.Active.ToArray().ShouldBe([3L, 4L]);
        list.Dead.ShouldHaveSingleItem().ShouldBe(1);
        list.Living.Keys.Order().ToArray().ShouldBe([2L, 3L, 4L], "who is on his way out still has his attempts, and who is only joining has none");
    }

    [Fact]
    public void WithoutAnybodyUp_NobodyLeads() => Of(("a.1", SiloStatus.Stopping)).Leader.ShouldBeNull();

    [Fact]
    public void StrangersInTheTable_AreNoSilosOfOurs()
    {
        var list = Of(("Silo_abc", SiloStatus.Active), ("Silo_def", SiloStatus.Dead));

        (list.Living.Count, list.Active.Count, list.Dead.Count, list.Leader).ShouldBe((0, 0, 0, null));
    }

    private static MemberList Of(params (string Name, SiloStatus Status)[] members) => MemberList.Of(FakeMembership.Snapshot(1, members));
}
