using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>The seats of a cluster's hosts.</summary>
public class ClusterSeatFacts : HostsOfADatabase
{
    private static readonly HashSet<long> s_none = [];

    [Fact]
    public async Task ManyHaveSeats_AndAllOfThemCommit()
    {
        var (first, second) = (await SeatAsync("first", Still), await SeatAsync("second", Still));

        (await CommitAsync(first, Rows.NewDag())).ShouldBe(StepStatus.Committed);
        (await CommitAsync(second, new PutDag(Rows.DagRow(Rows.Dag), 1))).ShouldBe(StepStatus.Committed);
        (await first.Seat.ListAsync(default)).ShouldBe([first.Seat.Epoch, second.Seat.Epoch], ignoreOrder: true);
    }

    [Fact]
    public async Task TheDead_ArePutOut_CommitNothingMore_AndLearnIt()
    {
        var (first, second) = (await SeatAsync("first", Still), await SeatAsync("second", Eager));

        (await first.Seat.PutOutAsync(s_none, new HashSet<long> { second.Seat.Epoch }, default)).ShouldBe([Name("second")]);

        var learnt = new TaskCompletionSource();
        second.Seat.Lost.Register(learnt.SetResult);
        await learnt.Task.WaitAsync(Ceiling);
        var refused = await Should.ThrowAsync<StoreException>(CommitAsync(second, Rows.NewDag()));
        // its pooled connections were ended: it may hear of that first
        if (refused.Failure == StoreFailure.Unavailable) refused = await Should.ThrowAsync<StoreException>(CommitAsync(second, Rows.NewDag()));
        refused.Failure.ShouldBe(StoreFailure.Fenced);
        (await first.Seat.ListAsync(default)).ShouldBe([first.Seat.Epoch]);
    }

    [Fact]
    public async Task WhoIsNoMemberYet_IsSpared_UntilItsLeaseHasRunOut()
    {
        var (first, joining) = (await SeatAsync("first", Still), await SeatAsync("joining", Still));
        (await first.Seat.PutOutAsync(s_none, s_none, default)).ShouldBeEmpty();

        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'");

        (await first.Seat.PutOutAsync(new HashSet<long> { joining.Seat.Epoch }, s_none, default)).ShouldBeEmpty("members may be cut off from the database for a while");
        (await first.Seat.PutOutAsync(s_none, s_none, default)).ShouldBe([Name("joining")]);
    }

    [Fact]
    public async Task WhoLeaves_GivesItsSeatUp()
    {
        var (first, second) = (await SeatAsync("first", Still), await SeatAsync("second", Still));

        await second.Seat.DisposeAsync();

        (await first.Seat.ListAsync(default)).ShouldBe([first.Seat.Epoch]);
    }

    [Fact]
    public async Task ADatabase_BelongsToOneEngine()
    {
        await SeatAsync("first", Still);
        var connections = Connect("embedded");

        (await Should.ThrowAsync<AnotherHostException>(HostFence.AcquireAsync(connections, Still, TimeProvider.System, default))).Message.ShouldContain("cluster");
    }

    private async Task<(ClusterSeat Seat, PostgresBatchExecutor Executor)> SeatAsync(string id, HostOptions options)
    {
        var connections = Connect(id);
        var seat = Own(await ClusterSeat.TakeAsync(connections, options, TimeProvider.System, default));
        return (seat, new PostgresBatchExecutor(connections, seat.Epoch));
    }

    private static async Task<StepStatus> CommitAsync((ClusterSeat Seat, PostgresBatchExecutor Executor) host, params RowWrite[] writes) =>
        (await host.Executor.ExecuteAsync([Rows.Step(writes)], default)).Single().Status;
}
