using System.Data;
using Npgsql;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.Postgres.Reading;

public sealed partial class PostgresQueries
{
    private readonly HistoryHorizon _horizon = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> PageDagsAsync(DagFilter filter, CancellationToken cancellation) =>
        SnapshotAsync<IReadOnlyList<DagSummary>>(
            async connection =>
            {
                var dags = await Reading.ListAsync(
                    connection, "PageDags", Rows.Dag, cancellation, filter.Dag, filter.Paused, filter.After, filter.Limit, filter.Owner,
                    filter.Tags.Count > 0 ? filter.Tags.ToArray() : null);
                var ids = dags.Select(dag => dag.Id.Value).ToArray();
                var counts = (await Reading.ListAsync(
                        connection, "CountRunsOfDags",
                        r => (Dag: new DagId(r.GetString(0)), State: r.Name<RunState>(1), Count: r.GetInt32(2)), cancellation, [ids]))
                    .ToLookup(count => count.Dag);
                var latest = (await Reading.ListAsync(connection, "LatestRunsOfDags", Rows.Run, cancellation, [ids])).ToDictionary(run => run.Dag);
                return
                [
                    .. dags.Select(dag => new DagSummary(
                        dag, counts[dag.Id].ToDictionary(count => count.State, count => count.Count), latest.GetValueOrDefault(dag.Id))),
                ];
            },
            cancellation);

    /// <inheritdoc/>
    public Task<DagHead?> FindDagRowAsync(DagId dag, CancellationToken cancellation) =>
        _source.FindAsync("ReadDag", Rows.Dag, cancellation, dag);

    /// <inheritdoc/>
    public Task<DagVersion?> FindVersionAsync(string hash, CancellationToken cancellation) =>
        _source.FindAsync("ReadVersion", Rows.Version, cancellation, hash);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VersionHead>> PageVersionsAsync(DagId dag, VersionHead? after, int limit, CancellationToken cancellation) =>
        _source.ListAsync(
            "PageVersions", r => new VersionHead(r.GetString(0), r.Instant(1)), cancellation, dag, after?.CreatedAt, after?.Hash, limit);

    /// <inheritdoc/>
    public Task<RunSummary?> FindRunAsync(RunId run, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection =>
            {
                if ((await Reading.ListAsync(connection, "ReadRun", Rows.Run, cancellation, run)).SingleOrDefault() is not { } row) return null;
                var counts = await Reading.ListAsync(
                    connection, "CountTasksByState", r => (State: r.Name<TaskState>(1), Count: r.GetInt32(2)), cancellation, [new[] { run.Value }]);
                return new RunSummary(row, counts.ToDictionary(count => count.State, count => count.Count));
            },
            cancellation);

    /// <inheritdoc/>
    public Task<DagRun?> FindRunRowAsync(RunId run, CancellationToken cancellation) =>
        _source.FindAsync("ReadRun", Rows.Run, cancellation, run);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskDetail>> PageTasksAsync(TaskFilter filter, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection =>
            {
                var states = filter.States.Count == 0 ? null : filter.States.Select(Names.Of);
                var tasks = await Reading.ListAsync(
                    connection, "PageTasks", Rows.Task, cancellation, filter.Run, filter.Task, filter.MapIndex, states,
                    filter.After?.Task, filter.After?.MapIndex, filter.Limit);
                return await DetailAsync(connection, filter.Run, tasks, cancellation);
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskDetail>> FindTasksAsync(RunId run, IReadOnlyList<TaskKey> tasks, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection =>
            {
                var rows = await Reading.ListAsync(
                    connection, "FindTasks", Rows.Task, cancellation, run, tasks.Select(key => key.Task), tasks.Select(key => key.MapIndex));
                return await DetailAsync(connection, run, rows, cancellation);
            },
            cancellation);

    /// <inheritdoc/>
    public Task<RunVersions?> ReadVersionsAsync(RunId run, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection => (await Reading.ListAsync(connection, "ReadRun", Rows.Run, cancellation, run)).SingleOrDefault() is { } row
                ? new RunVersions(
                    row.Version,
                    await Reading.ListAsync(connection, "ReadTaskVersions", r => new TaskVersion(Rows.TaskKey(r), r.GetInt64(3), r.InstantOrNull(4)), cancellation, run))
                : null,
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Artifact>> PageArtifactsAsync(ValueFilter filter, CancellationToken cancellation) =>
        _source.ListAsync("PageArtifacts", Rows.Artifact, cancellation, Arguments(filter));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Xcom>> PageXcomsAsync(ValueFilter filter, CancellationToken cancellation) =>
        _source.ListAsync("PageXcoms", Rows.Xcom, cancellation, Arguments(filter));

    /// <inheritdoc/>
    public Task<RequestRecord?> FindRequestAsync(string id, CancellationToken cancellation) =>
        _source.FindAsync("ReadRequests", Rows.Request, cancellation, [new[] { id }]);

    /// <inheritdoc/>
    public Task<HistoryPage> ReadHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        _source.TryAsync(
            async connection =>
            {
                // in this order: whoever got a number up to the last one had begun before the snapshot
                var last = (await Reading.ListAsync(connection, "LastSequence", r => r.GetInt64(0), cancellation))[0];
                await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
                var (oldest, next) = (await Reading.ListAsync(connection, "Transactions", r => (r.GetInt64(0), r.GetInt64(1)), cancellation))[0];
                var entries = await Reading.ListAsync(connection, "ListHistory", Rows.History, cancellation, run, after, task, limit);
                await snapshot.CommitAsync(cancellation);
                return new HistoryPage(entries, _horizon.Advance(last, oldest, next));
            },
            cancellation);

    private static async Task<IReadOnlyList<TaskDetail>> DetailAsync(
        NpgsqlConnection connection, RunId run, IReadOnlyList<TaskInstance> tasks, CancellationToken cancellation)
    {
        if (tasks.Count == 0) return [];
        var (ids, elements) = (tasks.Select(task => task.Key.Task), tasks.Select(task => task.Key.MapIndex));
        var attempts = (await Reading.ListAsync(connection, "AttemptsOfTasks", Rows.Attempt, cancellation, run, ids, elements))
            .ToLookup(attempt => attempt.Key.Task);
        var artifacts = (await Reading.ListAsync(connection, "ArtifactsOfTasks", Rows.Artifact, cancellation, run, ids, elements))
            .ToLookup(artifact => artifact.Task);
        var progress = await ProgressAsync(
            tasks, () => Reading.ListAsync(connection, "ProgressOfTasks", Rows.Progress, cancellation, run, ids, elements));
        return
        [
            .. tasks.Select(task => new TaskDetail(task, [.. attempts[task.Key]], [.. artifacts[task.Key]])
            {
                Progress = progress.GetValueOrDefault(task.Key),
            }),
        ];
    }

    private static object?[] Arguments(ValueFilter filter) =>
    [
        filter.Run, filter.Task, filter.MapIndex, filter.Name, filter.After?.Task.Task, filter.After?.Task.MapIndex, filter.After?.Name,
        filter.Limit,
    ];
}
