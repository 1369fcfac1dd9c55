using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

public class HostFenceFacts : IAsyncLifetime
{
    // a host that never renews by itself, for as long as a test takes
    private static readonly HostOptions s_still = new() { Lease = TimeSpan.FromHours(2), RenewEvery = TimeSpan.FromHours(1) };
    private static readonly HostOptions s_eager = new() { RenewEvery = TimeSpan.FromMilliseconds(20) };
    private readonly List<IAsyncDisposable> _owned = [];
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresUnderTest.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task ASecondHost_IsRefused_WhileTheFirstLives_AndTakesChargeAfterItLeft()
    {
        var first = await HostAsync("first", s_still);
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("second", s_still))).Message.ShouldContain("first");
        await CommitAsync(first, Rows.NewDag());

        await first.Fence.DisposeAsync();
        var second = await HostAsync("second", s_still);

        second.Fence.Epoch.ShouldBeGreaterThan(first.Fence.Epoch);
        second.Fence.Installation.ShouldBe(first.Fence.Installation);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, new PutDag(Rows.DagRow(Rows.Dag), 1));
    }

    [Fact]
    public async Task ADeadHost_IsReplacedAtOnce_AndWhatItHadUnderWayIsEnded()
    {
        var first = await HostAsync("first", s_still);
        await CommitAsync(first, Rows.NewRun());
        await Database.MakeCommitsSlowAsync(_database.ConnectionString);
        var underWay = ExecuteAsync(first, new PutTask(Rows.TaskRow(Rows.Load), 1), new AddHistory(Rows.EventRow("queued")));
        await Database.SlowCommitAsync(_database.ConnectionString);
        await EndLockHolderAsync();

        var second = await HostAsync("second", s_still);

        (await Should.ThrowAsync<StoreException>(underWay)).Failure.ShouldBe(StoreFailure.OutcomeUnknown);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, new PutTask(Rows.TaskRow(Rows.Load), 1));
    }

    [Fact]
    public async Task AHostThatHangs_IsReplaced_WhenItsLeaseHasRunOut()
    {
        var first = await HostAsync("first", s_still);
        await Should.ThrowAsync<AnotherHostException>(HostAsync("second", s_still));
        await Database.ExecuteAsync(_database.ConnectionString, "UPDATE host SET until = now() - interval '1 s'");

        var second = await HostAsync("second", s_still);

        await ShouldBeFencedAsync(first);
        await CommitAsync(second, Rows.NewDag());
    }

    [Fact]
    public async Task AHostOfTheSameName_FencesItsPredecessor()
    {
        var first = await HostAsync("same", s_still);
        await EndLockHolderAsync();
        var second = await HostAsync("same", s_still);

        second.Fence.Epoch.ShouldBeGreaterThan(first.Fence.Epoch);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, Rows.NewDag());
    }

    [Fact]
    public async Task AHostThatLostItsSession_TakesItUpAgain()
    {
        var host = await HostAsync("first", s_eager);
        await EndLockHolderAsync();
        await Database.UntilAsync(_database.ConnectionString, LockIsHeld);

        host.Fence.Lost.IsCancellationRequested.ShouldBeFalse();
        await CommitAsync(host, Rows.NewDag());
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("second", s_still))).Message.ShouldContain("first");
    }

    [Fact]
    public async Task AHost_RenewsItsLease()
    {
        await HostAsync("first", s_eager);
        await Database.ExecuteAsync(_database.ConnectionString, "UPDATE host SET until = now() - interval '1 s'");
        await Database.UntilAsync(_database.ConnectionString, "SELECT until > now() FROM host");
    }

    [Fact]
    public async Task AHostThatWasReplaced_IsTold()
    {
        var host = await HostAsync("first", s_eager);
        var told = new TaskCompletionSource();
        await using var registration = host.Fence.Lost.Register(told.SetResult);
        await Database.ExecuteAsync(_database.ConnectionString, "DELETE FROM host");
        await told.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task TheOtherEnginesDatabase_IsRefused()
    {
        await Database.ExecuteAsync(_database.ConnectionString, "UPDATE installation SET engine = 'cluster'");
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("first", s_still))).Message.ShouldContain("'cluster' is in charge");
    }

    private const string LockIsHeld =
        "SELECT count(*) > 0 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = current_database()";

    private Task EndLockHolderAsync() => Database.ExecuteAsync(
        _database.ConnectionString,
        """
        SELECT pg_terminate_backend(l.pid, 10000) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database()
        """);

    private async Task<(PostgresBatchExecutor Executor, HostFence Fence)> HostAsync(string id, HostOptions options)
    {
        var connections = new PostgresConnections(_database.ConnectionString, $"{id}-{_database.Name}");
        _owned.Add(connections);
        var fence = await HostFence.AcquireAsync(connections, options, TimeProvider.System, CancellationToken.None);
        _owned.Add(fence);
        return (new PostgresBatchExecutor(connections, fence.Epoch), fence);
    }

    private static Task<IReadOnlyList<StepOutcome>> ExecuteAsync((PostgresBatchExecutor Executor, HostFence) host, params RowWrite[] writes) =>
        host.Executor.ExecuteAsync([Rows.Step(writes)], CancellationToken.None);

    private static async Task CommitAsync((PostgresBatchExecutor, HostFence) host, params RowWrite[] writes) =>
        (await ExecuteAsync(host, writes)).ShouldBe([StepOutcome.Committed]);

    /// <summary>Its pooled connections may have been ended: then it hears of that first, and of the fence when it has connected again.</summary>
    private static async Task ShouldBeFencedAsync((PostgresBatchExecutor, HostFence) host)
    {
        var write = new AddHistory(Rows.EventRow("queued") with { Kind = "from a ghost" });
        var refused = await Should.ThrowAsync<StoreException>(ExecuteAsync(host, write));
        if (refused.Failure == StoreFailure.Unavailable) refused = await Should.ThrowAsync<StoreException>(ExecuteAsync(host, write));
        refused.Failure.ShouldBe(StoreFailure.Fenced, refused.Message);
    }
}
