using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Storage.InMemory;

public sealed partial class InMemoryStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation)
    {
        var tables = _tables;
        var runs = tables.AllRuns.ToLookup(run => run.Dag);
        return List(tables.Dags.Values.Select(dag => new DagSummary(
            dag, runs[dag.Id].CountBy(run => run.State).ToDictionary(), NewestFirst(runs[dag.Id]).FirstOrDefault())));
    }

    /// <inheritdoc/>
    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation)
    {
        var tables = _tables;
        if (!tables.Dags.TryGetValue(dag, out var head)) return Answer<DagDetail>(null);
        DagVersion[] versions =
        [
            .. tables.Versions.Values
                .Where(version => version.Dag == dag)
                .OrderByDescending(version => version.CreatedAt).ThenByDescending(version => version.Hash, StringComparer.Ordinal),
        ];
        return Answer<DagDetail>(new DagDetail(head, versions));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation)
    {
        var tables = _tables;
        var chosen = tables.AllRuns.Where(run =>
            (filter.Dag is null || run.Dag == filter.Dag)
            && (filter.States.Count == 0 || filter.States.Contains(run.State))
            && (filter.Since is null || run.CreatedAt >= filter.Since)
            && (filter.After is not { } after || Place(run).CompareTo((after.CreatedAt, after.LogicalDate, after.Run)) < 0));
        return List(NewestFirst(chosen)
            .Take(filter.Limit)
            .Select(run => new RunSummary(run, tables.TasksOf(run.Id).CountBy(task => task.Task.State).ToDictionary())));
    }

    /// <inheritdoc/>
    public Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation) =>
        Task.FromResult(NewestFirst(_tables.AllRuns.Where(run => dag is null || run.Dag == dag)).FirstOrDefault()?.Id);

    /// <inheritdoc/>
    public Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation) =>
        Answer(_tables.Runs.TryGetValue(run, out var tables)
            ? new RunDetail(
                tables.Run,
                [.. tables.Tasks.Values.Select(task => task.Task)],
                [.. tables.Tasks.Values.SelectMany(task => task.Attempts.Values)],
                [.. tables.Tasks.Values.SelectMany(task => task.Artifacts.Values)])
            : null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(
        RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        List(_tables.History.GetValueOrDefault(run, [])
            .Where(entry => entry.Sequence > after && (task is null || entry.Event.Task == task))
            .Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation)
    {
        var tables = _tables;
        return List(tables.Pools.Values.Select(pool => new PoolUsage(
            pool,
            tables.Limits.GetValueOrDefault(LimitKeys.Pool(pool.Name))?.Used ?? 0,
            tables.AllTasks.Count(task => task.Pool == pool.Name && WaitsForSlots(task)))));
    }

    private static (DateTimeOffset, DateTimeOffset, RunId) Place(DagRun run) => (run.CreatedAt, run.LogicalDate, run.Id);

    private static IOrderedEnumerable<DagRun> NewestFirst(IEnumerable<DagRun> runs) =>
        runs.OrderByDescending(run => run.CreatedAt).ThenByDescending(run => run.LogicalDate).ThenByDescending(run => run.Id);
}
