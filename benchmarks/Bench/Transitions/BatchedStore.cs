using System.Globalization;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;

namespace OrleansFlow.Bench.Transitions;

/// <summary>The store as a host uses it: the group committer over PostgreSQL, under the fence, in a database of its own.</summary>
internal sealed class BatchedStore : IAsyncDisposable
{
    private static readonly RunId Run = new("manual-20240101T000000Z-bench");
    private static readonly DagId Dag = new("bench");
    private readonly CancellationTokenSource _stopping = new();
    private readonly BatchCount _observer = new();
    private readonly PostgresConnections _connections;
    private readonly HostFence _fence;
    private readonly GroupCommitter _committer;
    private readonly Task _committing;
    private readonly TaskInstance[] _rows;

    private BatchedStore(PostgresConnections connections, HostFence fence, int rows)
    {
        _connections = connections;
        _fence = fence;
        _committer = new GroupCommitter(new PostgresBatchExecutor(connections, fence.Epoch), TimeProvider.System, _observer, new GroupCommitOptions());
        _committing = Task.Run(() => _committer.RunAsync(_stopping.Token));
        _rows = [.. Enumerable.Range(0, rows).Select(i => new TaskInstance
        {
            Key = new TaskKey(Run, new TaskId(string.Create(CultureInfo.InvariantCulture, $"t{i:0000}"))),
            State = TaskState.Queued,
            ScheduledAt = TimeProvider.System.GetUtcNow(),
        })];
    }

    /// <summary>What went wrong; null when nothing has.</summary>
    public string? Problem => _observer.Problem;

    public static async Task<BatchedStore> CreateAsync(string connectionString, int rows, CancellationToken cancellation)
    {
        await new Migrator().MigrateAsync(connectionString, null, cancellation);
        var connections = new PostgresConnections(connectionString, "bench");
        var fence = await HostFence.AcquireAsync(connections, new HostOptions(), TimeProvider.System, cancellation);
        var store = new BatchedStore(connections, fence, rows);
        await store.FillAsync(cancellation);
        return store;
    }

    /// <summary>Transitions/s of so many coordinators, each of which commits again as soon as it may.</summary>
    public async Task<double> RunAsync(int atOnce, TimeSpan time, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        async Task<int> CoordinateAsync(int i)
        {
            for (var count = 0; ; count++)
            {
                if (TimeProvider.System.GetElapsedTime(started) > time) return count;
                _rows[i] = await MoveAsync(_rows[i], cancellation);
            }
        }

        var counts = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(i => Task.Run(() => CoordinateAsync(i), cancellation)));
        return counts.Sum() / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _committing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _fence.DisposeAsync();
        await _connections.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task<TaskInstance> MoveAsync(TaskInstance row, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var next = row with { State = row.State == TaskState.Queued ? TaskState.Running : TaskState.Queued, Version = row.Version + 1, StartedAt = now };
        var history = new HistoryEvent { At = now, Dag = Dag, Run = Run, Task = row.Key.Task, MapIndex = row.Key.MapIndex, Epoch = 1, Kind = Names.Of(next.State) };
        await CommitAsync(new Step { Anchor = RowKey.Of(row.Key), Writes = [new PutTask(next, row.Version), new AddHistory(history)] }, cancellation);
        return next;
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var run = new DagRun
        {
            Id = Run, Dag = Dag, VersionHash = "bench", Kind = RunKind.Manual, State = RunState.Running, LogicalDate = now,
            DataIntervalStart = now, DataIntervalEnd = now, Params = "{}", CreatedAt = now, TasksCreated = _rows.Length,
        };
        var version = new DagVersion { Hash = "bench", Dag = Dag, Spec = "{}", CreatedAt = now };
        await CommitAsync(new Step { Anchor = RowKey.Of(Dag), Writes = [new PutDag(new DagHead { Id = Dag }, 0), new AddVersion(version), new PutRun(run, 0)] }, cancellation);
        await CommitAsync(new Step { Anchor = RowKey.Of(Run), Writes = [.. _rows.Select(row => new PutTask(row, 0))] }, cancellation);
    }

    private async Task CommitAsync(Step step, CancellationToken cancellation)
    {
        var outcome = await _committer.CommitAsync(step, cancellation);
        if (outcome.Status != StepStatus.Committed) throw new BenchException($"a step of the benchmark ended as {outcome.Status}: {outcome.Problem}");
    }
}
