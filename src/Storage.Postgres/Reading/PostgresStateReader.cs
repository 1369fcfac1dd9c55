using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Connections;

namespace OrleansFlow.Storage.Postgres.Reading;

/// <summary>Loads rows for coordinators and sweeps. Thread-safe.</summary>
/// <param name="connections">The host's connections.</param>
public sealed class PostgresStateReader(PostgresConnections connections) : IStateReader
{
    private readonly Npgsql.NpgsqlDataSource _source = connections.Reader;

    /// <inheritdoc/>
    public Task<DagHead?> ReadDagAsync(DagId dag, CancellationToken cancellation) =>
        _source.FindAsync("ReadDag", Rows.Dag, cancellation, dag);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagRun>> ReadOpenRunsAsync(DagId dag, CancellationToken cancellation) =>
        _source.ListAsync("ReadOpenRuns", Rows.Run, cancellation, dag);

    /// <inheritdoc/>
    public Task<DagVersion?> ReadVersionAsync(string hash, CancellationToken cancellation) =>
        _source.FindAsync("ReadVersion", Rows.Version, cancellation, hash);

    /// <inheritdoc/>
    public Task<DagRun?> ReadRunAsync(RunId run, CancellationToken cancellation) =>
        _source.FindAsync("ReadRun", Rows.Run, cancellation, run);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskInstance>> ReadTasksAsync(RunId run, CancellationToken cancellation) =>
        _source.ListAsync("ReadTasks", Rows.Task, cancellation, run);

    /// <inheritdoc/>
    public Task<TaskInstance?> ReadTaskAsync(TaskKey task, CancellationToken cancellation) =>
        _source.FindAsync("ReadTask", Rows.Task, cancellation, task.Run, task.Task, task.MapIndex);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Attempt>> ReadAttemptsAsync(TaskKey task, CancellationToken cancellation) =>
        _source.ListAsync("ReadAttempts", Rows.Attempt, cancellation, task.Run, task.Task, task.MapIndex);

    /// <inheritdoc/>
    public Task<Pool?> ReadPoolAsync(string pool, CancellationToken cancellation) =>
        _source.FindAsync("ReadPool", Rows.Pool, cancellation, pool);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LimitCounter>> ReadLimitsAsync(IReadOnlyList<string> keys, CancellationToken cancellation) =>
        _source.ListAsync("ReadLimits", Rows.Limit, cancellation, keys);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Waiter>> ReadWaitersAsync(string pool, int limit, CancellationToken cancellation) =>
        _source.ListAsync(
            "ReadWaiters", r => new Waiter(Rows.TaskKey(r), new DagId(r.GetString(3)), r.GetInt64(4), r.Instant(5), r.GetInt32(6)),
            cancellation, pool, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Xcom>> ReadXcomsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        _source.ListAsync("ReadXcoms", Rows.Xcom, cancellation, run, tasks);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Artifact>> ReadArtifactsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        _source.ListAsync("ReadArtifacts", Rows.Artifact, cancellation, run, tasks);

    /// <inheritdoc/>
    public Task<Checkpoint?> ReadCheckpointAsync(TaskKey task, CancellationToken cancellation) =>
        _source.FindAsync("ReadCheckpoint", Rows.Checkpoint, cancellation, task.Run, task.Task, task.MapIndex);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _source.ListAsync("ReadRequests", Rows.Request, cancellation, ids);

    /// <inheritdoc/>
    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        _source.ExecuteAsync("ForgetRequests", cancellation, before, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DueRow>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        _source.ListAsync(
            "ReadDue",
            r => new DueRow(new RowKey((RowKind)r.GetInt32(0), r.GetString(1), r.GetString(2), r.GetInt32(3)), r.GetInt64(4)),
            cancellation, now, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreportedTask>> ReadUnreportedTasksAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        _source.ListAsync(
            "ReadUnreportedTasks", r => new UnreportedTask(Rows.TaskKey(r), r.Name<TaskState>(3), r.GetInt32(4), r.GetInt64(5)),
            cancellation, before, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreportedRun>> ReadUnreportedRunsAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        _source.ListAsync(
            "ReadUnreportedRuns", r => new UnreportedRun(new DagId(r.GetString(0)), new RunId(r.GetString(1)), r.GetInt64(2)),
            cancellation, before, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunId>> ReadLiveRunsAsync(RunId? after, int limit, CancellationToken cancellation) =>
        _source.ListAsync("ReadLiveRuns", r => new RunId(r.GetString(0)), cancellation, after, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Attempt>> ReadLiveAttemptsAsync(RunId? run, CancellationToken cancellation) =>
        _source.ListAsync("ReadLiveAttempts", Rows.Attempt, cancellation, run);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(LimitCounter Counter, int Counted)>> ReadLimitDriftAsync(CancellationToken cancellation) =>
        _source.ListAsync("ReadLimitDrift", r => (Rows.Limit(r), r.GetInt32(3)), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OutboxItem>> ReadOutboxAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        _source.ListAsync("ReadOutbox", Rows.Outbox, cancellation, now, limit);

    /// <inheritdoc/>
    public Task CompleteOutboxAsync(Guid id, CancellationToken cancellation) => _source.ExecuteAsync("CompleteOutbox", cancellation, id);

    /// <inheritdoc/>
    public Task DeferOutboxAsync(Guid id, string error, DateTimeOffset? dueAt, CancellationToken cancellation) =>
        _source.ExecuteAsync("DeferOutbox", cancellation, id, error, dueAt);
}
