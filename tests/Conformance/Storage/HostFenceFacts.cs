using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Tests.Conformance.Storage;

public class HostFenceFacts : HostsOfADatabase
{
    private static readonly HostOptions s_standby = Still with { StandBy = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task ASecondHost_IsRefused_WhileTheFirstLives_AndTakesChargeAfterItLeft()
    {
        var first = await HostAsync("first", Still);
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("second", Still))).Message.ShouldContain("first");
        await CommitAsync(first, Rows.NewDag());

        await first.Fence.DisposeAsync();
        var second = await HostAsync("second", Still);

        second.Fence.Epoch.ShouldBeGreaterThan(first.Fence.Epoch);
        second.Fence.Installation.ShouldBe(first.Fence.Installation);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, new PutDag(Rows.DagRow(Rows.Dag), 1));
    }

    [Fact]
    public async Task ADeadHost_IsReplacedAtOnce_AndWhatItHadUnderWayIsEnded()
    {
        var first = await HostAsync("first", Still);
        await CommitAsync(first, Rows.NewRun());
        await Database.MakeCommitsSlowAsync(ConnectionString);
        var underWay = ExecuteAsync(first, new PutTask(Rows.TaskRow(Rows.Load), 1), new AddHistory(Rows.EventRow("queued")));
        await Database.SlowCommitAsync(ConnectionString);
        await EndLockHolderAsync();

        var second = await HostAsync("second", Still);

        (await Should.ThrowAsync<StoreException>(underWay)).Failure.ShouldBe(StoreFailure.OutcomeUnknown);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, new PutTask(Rows.TaskRow(Rows.Load), 1));
    }

    [Fact]
    public async Task AHostThatHangs_IsReplaced_WhenItsLeaseHasRunOut()
    {
        var first = await HostAsync("first", Still);
        await Should.ThrowAsync<AnotherHostException>(HostAsync("second", Still));
        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'");

        var second = await HostAsync("second", Still);

        await ShouldBeFencedAsync(first);
        await CommitAsync(second, Rows.NewDag());
    }

    [Fact]
    public async Task AHostOfTheSameName_FencesItsPredecessor()
    {
        var first = await HostAsync("same", Still);
        await EndLockHolderAsync();
        var second = await HostAsync("same", Still);

        second.Fence.Epoch.ShouldBeGreaterThan(first.Fence.Epoch);
        await ShouldBeFencedAsync(first);
        await CommitAsync(second, Rows.NewDag());
    }

    [Fact]
    public async Task AHostThatLostItsSession_TakesItUpAgain()
    {
        var host = await HostAsync("first", Eager);
        await EndLockHolderAsync();
        await Database.UntilAsync(ConnectionString, LockIsHeld);

        host.Fence.Lost.IsCancellationRequested.ShouldBeFalse();
        await CommitAsync(host, Rows.NewDag());
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("second", Still))).Message.ShouldContain("first");
    }

    [Fact]
    public async Task AHost_RenewsItsLease()
    {
        await HostAsync("first", Eager);
        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'");
        await Database.UntilAsync(ConnectionString, "SELECT until > now() FROM host");
    }

    [Fact]
    public async Task AHostThatWasReplaced_IsTold()
    {
        var host = await HostAsync("first", Eager);
        var told = new TaskCompletionSource();
        await using var registration = host.Fence.Lost.Register(told.SetResult);
        await ExecuteAsync("DELETE FROM host");
        await told.Task.WaitAsync(Ceiling);
    }

    [Fact]
    public async Task TheOtherEnginesDatabase_IsRefused()
    {
        await ExecuteAsync("UPDATE installation SET engine = 'cluster'");
        (await Should.ThrowAsync<AnotherHostException>(HostAsync("first", Still))).Message.ShouldContain("'cluster' is in charge");
    }

    [Fact]
    public async Task AHostThatStandsBy_WaitsWhileTheOtherLives_AndTakesChargeWhenItLeaves()
    {
        var first = await HostAsync("first", Still);
        var second = HostAsync("second", s_standby);
        await LooksAsync("second");
        second.IsCompleted.ShouldBeFalse();
        await CommitAsync(first, Rows.NewDag());

        await first.Fence.DisposeAsync();

        (await second.WaitAsync(Ceiling)).Fence.Epoch.ShouldBeGreaterThan(first.Fence.Epoch);
        await ShouldBeFencedAsync(first);
    }

    [Fact]
    public async Task AHostThatStandsBy_TakesCharge_WhenTheOtherDies()
    {
        var first = await HostAsync("first", Still);
        var second = HostAsync("second", s_standby);
        await LooksAsync("second");

        await EndLockHolderAsync();

        await CommitAsync(await second.WaitAsync(Ceiling), Rows.NewDag());
        await ShouldBeFencedAsync(first);
    }

    [Fact]
    public async Task AHostThatStandsBy_TakesCharge_WhenTheOthersLeaseHasRunOut()
    {
        var first = await HostAsync("first", Still);
        var second = HostAsync("second", s_standby);
        await LooksAsync("second");

        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'");

        await CommitAsync(await second.WaitAsync(Ceiling), Rows.NewDag());
        await ShouldBeFencedAsync(first);
    }

    [Fact]
    public async Task OfSeveralThatStandBy_OneTakesCharge()
    {
        var first = await HostAsync("first", Still);
        var waiting = new[] { HostAsync("second", s_standby), HostAsync("third", s_standby), HostAsync("fourth", s_standby) };
        foreach (var id in new[] { "second", "third", "fourth" }) await LooksAsync(id);

        await first.Fence.DisposeAsync();
        var next = await Task.WhenAny(waiting).WaitAsync(Ceiling);

        await CommitAsync(await next, Rows.NewDag());
        waiting.Count(host => host.IsCompleted).ShouldBe(1);
        var rest = waiting.Where(host => host != next).ToList();
        for (var before = next; rest.Count > 0; rest.Remove(before))
        {
            await (await before).Fence.DisposeAsync();
            before = await Task.WhenAny(rest).WaitAsync(Ceiling);
        }
    }

    [Fact]
    public async Task AHostThatStandsBy_InDoubt_TakesWhoIsRegisteredAtItsWord_UntilItsLeaseRunsOut()
    {
        await HostAsync("first", Still);
        await EndLockHolderAsync();
        var second = HostAsync("second", s_standby with { Doubt = TimeSpan.FromHours(1) });
        await LooksAsync("second");
        second.IsCompleted.ShouldBeFalse("nobody holds the lock, as when the database was away");

        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'");

        await CommitAsync(await second.WaitAsync(Ceiling), Rows.NewDag());
    }

    [Fact]
    public async Task AHostThatStandsBy_CanBeToldToStop()
    {
        await HostAsync("first", Still);
        using var stop = new CancellationTokenSource();
        var second = HostAsync("second", s_standby, stop.Token);
        await LooksAsync("second");

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(second);
    }

    /// <summary>Waits until a host that stands by has looked whether it is its turn, and looks again.</summary>
    private async Task LooksAsync(string id)
    {
        var looked = $"SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = '{Name(id)}' AND state = 'idle' AND query LIKE '%FROM host%'";
        await Database.UntilAsync(ConnectionString, looked);
        var since = await Database.ScalarAsync<DateTime>(ConnectionString, "SELECT clock_timestamp()");
        await Database.UntilAsync(ConnectionString, $"{looked} AND query_start > '{since:O}'");
    }

    private const string LockIsHeld =
        "SELECT count(*) > 0 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = current_database()";

    private Task EndLockHolderAsync() => ExecuteAsync(
        """
        SELECT pg_terminate_backend(l.pid, 10000) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database()
        """);

    private async Task<(PostgresBatchExecutor Executor, HostFence Fence)> HostAsync(
        string id, HostOptions options, CancellationToken cancellation = default)
    {
        var connections = Connect(id);
        var fence = Own(await HostFence.AcquireAsync(connections, options, TimeProvider.System, cancellation));
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
