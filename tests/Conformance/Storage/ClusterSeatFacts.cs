using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>The seats of a cluster's hosts.</summary>
public class ClusterSeatFacts : IAsyncLifetime
{
    private static readonly HostOptions s_still = new() { Lease = TimeSpan.FromHours(2), RenewEvery = TimeSpan.FromHours(1) };
    private static readonly HostOptions s_eager = new() { RenewEvery = TimeSpan.FromMilliseconds(20) };
    private static readonly HashSet<long> s_none = [];
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);
    private readonly List<IAsyncDisposable> _owned = [];
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresUnderTest.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task ManyHaveSeats_AndAllOfThemCommit()
    {
        var (first, second) = (await SeatAsync("first", s_still), await SeatAsync("second", s_still));

        (await CommitAsync(first, Rows.NewDag())).ShouldBe(StepStatus.Committed);
        (await CommitAsync(second, new PutDag(Rows.DagRow(Rows.Dag), 1))).ShouldBe(StepStatus.Committed);
        (await first.Seat.ListAsync(default)).ShouldBe([first.Seat.Epoch, second.Seat.Epoch], ignoreOrder: true);
    }

    [Fact]
    public async Task TheDead_ArePutOut_CommitNothingMore_AndLearnIt()
    {
        var (first, second) = (await SeatAsync("first", s_still), await SeatAsync("second", s_eager));

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
        var (first, joining) = (await SeatAsync("first", s_still), await SeatAsync("joining", s_still));
        (await first.Seat.PutOutAsync(s_none, s_none, default)).ShouldBeEmpty();

        await Database.ExecuteAsync(_database.ConnectionString, "UPDATE host SET until = now() - interval '1 s'");

        (await first.Seat.PutOutAsync(new HashSet<long> { joining.Seat.Epoch }, s_none, default)).ShouldBeEmpty("members may be cut off from the database for a while");
        (await first.Seat.PutOutAsync(s_none, s_none, default)).ShouldBe([Name("joining")]);
    }

    [Fact]
    public async Task WhoLeaves_GivesItsSeatUp()
    {
        var (first, second) = (await SeatAsync("first", s_still), await SeatAsync("second", s_still));

        await second.Seat.DisposeAsync();

        (await first.Seat.ListAsync(default)).ShouldBe([first.Seat.Epoch]);
    }

    [Fact]
    public async Task ADatabase_BelongsToOneEngine()
    {
        await SeatAsync("first", s_still);
        var connections = Own(new PostgresConnections(_database.ConnectionString, Name("embedded")));

        (await Should.ThrowAsync<AnotherHostException>(HostFence.AcquireAsync(connections, s_still, TimeProvider.System, default))).Message.ShouldContain("cluster");
    }

    private async Task<(ClusterSeat Seat, PostgresBatchExecutor Executor)> SeatAsync(string id, HostOptions options)
    {
        var connections = Own(new PostgresConnections(_database.ConnectionString, Name(id)));
        var seat = Own(await ClusterSeat.TakeAsync(connections, options, TimeProvider.System, default));
        return (seat, new PostgresBatchExecutor(connections, seat.Epoch));
    }

    private static async Task<StepStatus> CommitAsync((ClusterSeat Seat, PostgresBatchExecutor Executor) host, params RowWrite[] writes) =>
        (await host.Executor.ExecuteAsync([Rows.Step(writes)], default)).Single().Status;

    // Other tests have hosts on the same server, and connections are ended by this name.
    private string Name(string id) => $"{id}-{_database.Name}";

    private T Own<T>(T part) where T : IAsyncDisposable
    {
        _owned.Add(part);
        return part;
    }
}
