using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

public sealed partial class InMemoryStore
{
    /// <inheritdoc/>
    public Task<DagHead?> ReadDagAsync(DagId dag, CancellationToken cancellation) =>
        Answer(_tables.Dags.GetValueOrDefault(dag));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagRun>> ReadOpenRunsAsync(DagId dag, CancellationToken cancellation) =>
        List(OldestFirst(_tables.AllRuns.Where(run => run.Dag == dag && (run.Unreported || !run.State.IsFinished()))));

    /// <inheritdoc/>
    public Task<DagVersion?> ReadVersionAsync(string hash, CancellationToken cancellation) =>
        Answer(_tables.Versions.GetValueOrDefault(hash));

    /// <inheritdoc/>
    public Task<DagRun?> ReadRunAsync(RunId run, CancellationToken cancellation) =>
        Answer(_tables.Runs.GetValueOrDefault(run)?.Run);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskInstance>> ReadTasksAsync(RunId run, CancellationToken cancellation) =>
        List(_tables.TasksOf(run).Select(task => task.Task));

    /// <inheritdoc/>
    public Task<TaskInstance?> ReadTaskAsync(TaskKey task, CancellationToken cancellation) => Answer(_tables.Find(task)?.Task);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Attempt>> ReadAttemptsAsync(TaskKey task, CancellationToken cancellation) =>
        List(_tables.Find(task)?.Attempts.Values ?? []);

    /// <inheritdoc/>
    public Task<Pool?> ReadPoolAsync(string pool, CancellationToken cancellation) =>
        Answer(_tables.Pools.GetValueOrDefault(pool));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LimitCounter>> ReadLimitsAsync(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        var limits = _tables.Limits;
        return List(keys.Distinct().Order(StringComparer.Ordinal).Where(limits.ContainsKey).Select(key => limits[key]));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Waiter>> ReadWaitersAsync(string pool, int limit, CancellationToken cancellation)
    {
        var tables = _tables;
        return List(tables.AllTasks
            .Where(task => task.Pool == pool && WaitsForSlots(task))
            .Select(task => (Task: task, tables.Runs[task.Key.Run].Run))
            .Select(each => new Waiter(each.Task.Key, each.Run.Dag, each.Task.Priority, each.Run.LogicalDate, each.Task.PoolSlots))
            .OrderByDescending(waiter => waiter.Priority)
            .ThenBy(waiter => waiter.LogicalDate)
            .ThenBy(waiter => waiter.Task.MapIndex)
            .ThenBy(waiter => waiter.Task)
            .Take(limit));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Xcom>> ReadXcomsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        List(_tables.TasksOf(run, tasks).SelectMany(task => task.Xcoms.Values));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Artifact>> ReadArtifactsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        List(_tables.TasksOf(run, tasks).SelectMany(task => task.Artifacts.Values));

    /// <inheritdoc/>
    public Task<Checkpoint?> ReadCheckpointAsync(TaskKey task, CancellationToken cancellation) =>
        Answer(_tables.Find(task)?.Checkpoint);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var requests = _tables.Requests;
        return List(ids.Distinct().Order(StringComparer.Ordinal).Select(id => requests.GetValueOrDefault(id)).OfType<RequestRecord>());
    }

    /// <inheritdoc/>
    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        lock (_writing)
        {
            string[] old =
            [
                .. _tables.Requests.Values.Where(request => request.At < before)
                    .OrderBy(request => request.At).ThenBy(request => request.Id, StringComparer.Ordinal)
                    .Take(limit).Select(request => request.Id),
            ];
            _tables = _tables with { Requests = _tables.Requests.RemoveRange(old) };
            return Task.FromResult(old.Length);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DueRow>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var dags = _tables.Dags.Values.Select(dag => (dag.WakeAt, Row: new DueRow(RowKey.Of(dag.Id), dag.Version)));
        var runs = _tables.AllRuns.Select(run => (run.WakeAt, Row: new DueRow(RowKey.Of(run.Id), run.Version)));
        var tasks = _tables.AllTasks.Select(task => (task.WakeAt, Row: new DueRow(RowKey.Of(task.Key), task.Version)));
        return List(dags.Concat(runs).Concat(tasks)
            .Where(row => row.WakeAt <= now)
            .OrderBy(row => row.WakeAt).ThenBy(row => row.Row.Key)
            .Take(limit)
            .Select(row => row.Row));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreportedTask>> ReadUnreportedTasksAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        List(_tables.AllTasks
            .Where(task => task.Unreported && task.EndedAt < before)
            .OrderBy(task => task.EndedAt).ThenBy(task => task.Key)
            .Take(limit)
            .Select(task => new UnreportedTask(task.Key, task.State, task.Epoch, task.Version)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreportedRun>> ReadUnreportedRunsAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        List(_tables.AllRuns
            .Where(run => run.Unreported && run.EndedAt < before)
            .OrderBy(run => run.EndedAt).ThenBy(run => run.Id)
            .Take(limit)
            .Select(run => new UnreportedRun(run.Dag, run.Id, run.Version)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunId>> ReadLiveRunsAsync(RunId? after, int limit, CancellationToken cancellation)
    {
        var tables = _tables;
        var from = after is { } id ? tables.Runs.GetValueOrDefault(id)?.Run : null;
        if (after is not null && from is null) return List<RunId>([]);
        return List(tables.AllRuns
            .Where(run => !run.State.IsFinished() && (from is null || (run.CreatedAt, run.Id).CompareTo((from.CreatedAt, from.Id)) > 0))
            .OrderBy(run => run.CreatedAt).ThenBy(run => run.Id)
            .Take(limit)
            .Select(run => run.Id));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Attempt>> ReadLiveAttemptsAsync(RunId? run, CancellationToken cancellation) =>
        List(_tables.Runs.Values
            .Where(tables => run is null || tables.Run.Id == run)
            .SelectMany(tables => tables.Tasks.Values)
            .SelectMany(task => task.Attempts.Values)
            .Where(attempt => !attempt.State.IsFinished()));

    /// <inheritdoc/>
    public Task<IReadOnlyList<(LimitCounter Counter, int Counted)>> ReadLimitDriftAsync(CancellationToken cancellation)
    {
        var tables = _tables;
        var counts = LimitCounts.Of(tables);
        return List(tables.Limits.Values
            .Select(counter => (Counter: counter, Counted: counts.GetValueOrDefault(counter.Key)))
            .Where(limit => limit.Counter.Used != limit.Counted));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OutboxItem>> ReadOutboxAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        List(_tables.Outbox.Values
            .Where(parcel => !parcel.GivenUp && parcel.Item.DueAt <= now)
            .Select(parcel => parcel.Item)
            .OrderBy(item => item.DueAt).ThenBy(item => item.Id)
            .Take(limit));

    /// <inheritdoc/>
    public Task CompleteOutboxAsync(Guid id, CancellationToken cancellation)
    {
        lock (_writing) _tables = _tables with { Outbox = _tables.Outbox.Remove(id) };
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeferOutboxAsync(Guid id, string error, DateTimeOffset? dueAt, CancellationToken cancellation)
    {
        lock (_writing)
        {
            if (!_tables.Outbox.TryGetValue(id, out var parcel)) return Task.CompletedTask;
            var item = parcel.Item with
            {
                Failures = parcel.Item.Failures + 1,
                LastError = error,
                DueAt = dueAt.Micros() ?? parcel.Item.DueAt,
            };
            _tables = _tables with { Outbox = _tables.Outbox.SetItem(id, new Parcel(item, GivenUp: dueAt is null)) };
        }

        return Task.CompletedTask;
    }

    private static bool WaitsForSlots(TaskInstance task) => task.State == TaskState.Scheduled;

    private static IOrderedEnumerable<DagRun> OldestFirst(IEnumerable<DagRun> runs) =>
        runs.OrderBy(run => run.CreatedAt).ThenBy(run => run.LogicalDate).ThenBy(run => run.Id);

    private static Task<T?> Answer<T>(T? row) where T : class => Task.FromResult(row);

    private static Task<IReadOnlyList<T>> List<T>(IEnumerable<T> rows) => Task.FromResult<IReadOnlyList<T>>([.. rows]);
}
