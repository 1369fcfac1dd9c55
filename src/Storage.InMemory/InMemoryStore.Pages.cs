using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

public sealed partial class InMemoryStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> PageDagsAsync(DagFilter filter, CancellationToken cancellation)
    {
        var tables = _tables;
        return List(tables.Dags.Values
            .Where(dag => (filter.Dag is not { } only || dag.Id == only)
                && (filter.Paused is not { } paused || dag.Paused == paused)
                && IsOf(tables, dag, filter)
                && (filter.After is not { } after || dag.Id.CompareTo(after) > 0))
            .Take(filter.Limit)
            .Select(dag => (Dag: dag, Runs: tables.AllRuns.Where(run => run.Dag == dag.Id).ToList()))
            .Select(dag => new DagSummary(
                dag.Dag, dag.Runs.CountBy(run => run.State).ToDictionary(), NewestFirst(dag.Runs).FirstOrDefault())));
    }

    private static bool IsOf(Tables tables, DagHead dag, DagFilter filter)
    {
        if (filter.Owner is null && filter.Tags.Count == 0) return true;
        if (dag.CurrentHash is not { } hash || !tables.Versions.TryGetValue(hash, out var version)) return false;
        var spec = CanonicalJson.Read(version.Spec);
        return (filter.Owner is not { } owner || spec.Owner == owner) && filter.Tags.All(spec.Tags.Contains);
    }

    /// <inheritdoc/>
    public Task<DagHead?> FindDagRowAsync(DagId dag, CancellationToken cancellation) => ReadDagAsync(dag, cancellation);

    /// <inheritdoc/>
    public Task<DagVersion?> FindVersionAsync(string hash, CancellationToken cancellation) => ReadVersionAsync(hash, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VersionHead>> PageVersionsAsync(DagId dag, VersionHead? after, int limit, CancellationToken cancellation) =>
        List(_tables.Versions.Values
            .Where(version => version.Dag == dag && (after is null || IsBehind(version, after)))
            .OrderByDescending(version => version.CreatedAt).ThenByDescending(version => version.Hash, StringComparer.Ordinal)
            .Take(limit)
            .Select(version => new VersionHead(version.Hash, version.CreatedAt)));

    /// <inheritdoc/>
    public Task<RunSummary?> FindRunAsync(RunId run, CancellationToken cancellation) =>
        Answer(_tables.Runs.TryGetValue(run, out var tables)
            ? new RunSummary(tables.Run, tables.Tasks.Values.CountBy(task => task.Task.State).ToDictionary())
            : null);

    /// <inheritdoc/>
    public Task<DagRun?> FindRunRowAsync(RunId run, CancellationToken cancellation) => ReadRunAsync(run, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskDetail>> PageTasksAsync(TaskFilter filter, CancellationToken cancellation) =>
        List(_tables.TasksOf(filter.Run)
            .Where(task => (filter.Task is not { } only || task.Task.Key.Task == only)
                && (filter.MapIndex is not { } element || task.Task.Key.MapIndex == element)
                && (filter.States.Count == 0 || filter.States.Contains(task.Task.State))
                && (filter.After is not { } after || task.Task.Key.CompareTo(after) > 0))
            .Take(filter.Limit)
            .Select(Detail));

    /// <inheritdoc/>
    public Task<IReadOnlyList<TaskDetail>> FindTasksAsync(RunId run, IReadOnlyList<TaskKey> tasks, CancellationToken cancellation) =>
        List(_tables.TasksOf(run).Where(task => tasks.Contains(task.Task.Key)).Select(Detail));

    /// <inheritdoc/>
    public Task<RunVersions?> ReadVersionsAsync(RunId run, CancellationToken cancellation) =>
        Answer(_tables.Runs.TryGetValue(run, out var tables)
            ? new RunVersions(tables.Run.Version, [.. tables.Tasks.Values.Select(task => new TaskVersion(task.Task.Key, task.Task.Version, null))])
            : null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Artifact>> PageArtifactsAsync(ValueFilter filter, CancellationToken cancellation) =>
        List(Page(filter, task => task.Artifacts.Values, artifact => artifact.Task, artifact => artifact.Name));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Xcom>> PageXcomsAsync(ValueFilter filter, CancellationToken cancellation) =>
        List(Page(filter, task => task.Xcoms.Values, xcom => xcom.Task, xcom => xcom.Key));

    /// <inheritdoc/>
    public Task<RequestRecord?> FindRequestAsync(string id, CancellationToken cancellation) => Answer(_tables.Requests.GetValueOrDefault(id));

    /// <inheritdoc/>
    public async Task<HistoryPage> ReadHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation)
    {
        // Batches follow each other here, so nothing that was read can be overtaken.
        var settled = _tables.LastSequence;
        return new HistoryPage(await GetHistoryAsync(run, task, after, limit, cancellation), settled);
    }

    private IEnumerable<T> Page<T>(ValueFilter filter, Func<TaskTables, IEnumerable<T>> of, Func<T, TaskKey> task, Func<T, string> name) =>
        _tables.TasksOf(filter.Run)
            .Where(row => (filter.Task is not { } only || row.Task.Key.Task == only)
                && (filter.MapIndex is not { } element || row.Task.Key.MapIndex == element))
            .SelectMany(of)
            .Where(value => filter.Name is null || name(value) == filter.Name)
            .Where(value => filter.After is not { } after || IsBehind(task(value), name(value), after))
            .Take(filter.Limit);

    private static bool IsBehind(TaskKey task, string name, (TaskKey Task, string Name) after)
    {
        var byTask = task.CompareTo(after.Task);
        return byTask > 0 || (byTask == 0 && string.CompareOrdinal(name, after.Name) > 0);
    }

    private static bool IsBehind(DagVersion version, VersionHead after) =>
        version.CreatedAt < after.CreatedAt
        || (version.CreatedAt == after.CreatedAt && string.CompareOrdinal(version.Hash, after.Hash) < 0);

    private static TaskDetail Detail(TaskTables task) => new(task.Task, [.. task.Attempts.Values], [.. task.Artifacts.Values]);
}
