using System.Collections.ObjectModel;
using System.Data;
using Npgsql;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;

namespace OrleansFlow.Storage.Postgres.Reading;

/// <summary>Answers what people ask, each answer from one snapshot. Thread-safe.</summary>
/// <param name="connections">The host's connections.</param>
public sealed partial class PostgresQueries(PostgresConnections connections) : IQueries, IPagedQueries
{
    private readonly NpgsqlDataSource _source = connections.Reader;

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation) =>
        SnapshotAsync<IReadOnlyList<DagSummary>>(
            async connection =>
            {
                var dags = await Reading.ListAsync(connection, "ListDags", Rows.Dag, cancellation);
                var counts = (await Reading.ListAsync(
                        connection, "CountRunsByState",
                        r => (Dag: new DagId(r.GetString(0)), State: r.Name<RunState>(1), Count: r.GetInt32(2)), cancellation))
                    .ToLookup(count => count.Dag);
                var latest = (await Reading.ListAsync(connection, "LatestRunPerDag", Rows.Run, cancellation)).ToDictionary(run => run.Dag);
                return
                [
                    .. dags.Select(dag => new DagSummary(
                        dag, counts[dag.Id].ToDictionary(count => count.State, count => count.Count), latest.GetValueOrDefault(dag.Id))),
                ];
            },
            cancellation);

    /// <inheritdoc/>
    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection => (await Reading.ListAsync(connection, "ReadDag", Rows.Dag, cancellation, dag)).SingleOrDefault() is { } head
                ? new DagDetail(head, await Reading.ListAsync(connection, "ListVersions", Rows.Version, cancellation, dag))
                : null,
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation) =>
        SnapshotAsync<IReadOnlyList<RunSummary>>(
            async connection =>
            {
                var states = filter.States.Count == 0 ? null : filter.States.Select(Names.Of);
                var runs = await Reading.ListAsync(
                    connection, "ListRuns", Rows.Run, cancellation, filter.Dag, states, filter.Since, filter.Limit,
                    filter.After?.CreatedAt, filter.After?.LogicalDate, filter.After?.Run);
                var counts = (await Reading.ListAsync(
                        connection, "CountTasksByState",
                        r => (Run: new RunId(r.GetString(0)), State: r.Name<TaskState>(1), Count: r.GetInt32(2)),
                        cancellation, runs.Select(run => run.Id.Value)))
                    .ToLookup(count => count.Run);
                return [.. runs.Select(run => new RunSummary(run, counts[run.Id].ToDictionary(count => count.State, count => count.Count)))];
            },
            cancellation);

    /// <inheritdoc/>
    public async Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation)
    {
        var runs = await _source.ListAsync("LatestRun", r => new RunId(r.GetString(0)), cancellation, dag);
        return runs.Count == 0 ? null : runs[0];
    }

    /// <inheritdoc/>
    public Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation) =>
        SnapshotAsync(
            async connection =>
            {
                if ((await Reading.ListAsync(connection, "ReadRun", Rows.Run, cancellation, run)).SingleOrDefault() is not { } row) return null;
                var tasks = await Reading.ListAsync(connection, "ReadTasks", Rows.Task, cancellation, run);
                return new RunDetail(
                    row,
                    tasks,
                    await Reading.ListAsync(connection, "ListAttempts", Rows.Attempt, cancellation, run),
                    await Reading.ListAsync(connection, "ListArtifacts", Rows.Artifact, cancellation, run))
                {
                    Progress = await ProgressAsync(tasks, () => Reading.ListAsync(connection, "ProgressOfRun", Rows.Progress, cancellation, run)),
                };
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(
        RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        _source.ListAsync("ListHistory", Rows.History, cancellation, run, after, task, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation) =>
        _source.ListAsync("ListPools", r => new PoolUsage(Rows.Pool(r), r.GetInt32(4), r.GetInt32(5)), cancellation);

    /// <summary>What running task instances have said, each of its attempt that runs.</summary>
    private static async Task<IReadOnlyDictionary<TaskKey, TaskProgress>> ProgressAsync(
        IReadOnlyList<TaskInstance> tasks, Func<Task<IReadOnlyList<AttemptProgress>>> read)
    {
        var running = tasks.Where(task => task.State == TaskState.Running).Select(task => new AttemptKey(task.Key, task.Epoch)).ToHashSet();
        return running.Count == 0 ? ReadOnlyDictionary<TaskKey, TaskProgress>.Empty
            : (await read()).Where(said => running.Contains(said.Attempt)).ToDictionary(said => said.Attempt.Task, said => said.Progress!);
    }

    private Task<T> SnapshotAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellation) =>
        _source.TryAsync(
            async connection =>
            {
                await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
                var answer = await read(connection);
                await snapshot.CommitAsync(cancellation);
                return answer;
            },
            cancellation);
}
