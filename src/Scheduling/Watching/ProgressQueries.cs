using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>The read models of a process that runs attempts: the rows, with how far its task instances say they are. Thread-safe.</summary>
/// <param name="queries">The rows.</param>
/// <param name="pages">The rows a page at a time.</param>
/// <param name="board">What attempts say.</param>
public sealed class ProgressQueries(IQueries queries, IPagedQueries pages, ProgressBoard board) : IQueries, IPagedQueries
{
    /// <inheritdoc/>
    public async Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation) =>
        await queries.GetRunAsync(run, cancellation) is { } detail ? board.Of(detail) : null;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TaskDetail>> PageTasksAsync(TaskFilter filter, CancellationToken cancellation) =>
        [.. (await pages.PageTasksAsync(filter, cancellation)).Select(board.Of)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TaskDetail>> FindTasksAsync(RunId run, IReadOnlyList<TaskKey> tasks, CancellationToken cancellation) =>
        [.. (await pages.FindTasksAsync(run, tasks, cancellation)).Select(board.Of)];

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation) => queries.ListDagsAsync(cancellation);

    /// <inheritdoc/>
    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation) => queries.GetDagAsync(dag, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation) =>
        queries.ListRunsAsync(filter, cancellation);

    /// <inheritdoc/>
    public Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation) => queries.FindLatestRunAsync(dag, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        queries.GetHistoryAsync(run, task, after, limit, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation) => queries.ListPoolsAsync(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DagSummary>> PageDagsAsync(DagFilter filter, CancellationToken cancellation) => pages.PageDagsAsync(filter, cancellation);

    /// <inheritdoc/>
    public Task<DagHead?> FindDagRowAsync(DagId dag, CancellationToken cancellation) => pages.FindDagRowAsync(dag, cancellation);

    /// <inheritdoc/>
    public Task<DagVersion?> FindVersionAsync(string hash, CancellationToken cancellation) => pages.FindVersionAsync(hash, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VersionHead>> PageVersionsAsync(DagId dag, VersionHead? after, int limit, CancellationToken cancellation) =>
        pages.PageVersionsAsync(dag, after, limit, cancellation);

    /// <inheritdoc/>
    public Task<RunSummary?> FindRunAsync(RunId run, CancellationToken cancellation) => pages.FindRunAsync(run, cancellation);

    /// <inheritdoc/>
    public Task<DagRun?> FindRunRowAsync(RunId run, CancellationToken cancellation) => pages.FindRunRowAsync(run, cancellation);

    /// <inheritdoc/>
    public Task<RunVersions?> ReadVersionsAsync(RunId run, CancellationToken cancellation) => pages.ReadVersionsAsync(run, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Artifact>> PageArtifactsAsync(ValueFilter filter, CancellationToken cancellation) =>
        pages.PageArtifactsAsync(filter, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Xcom>> PageXcomsAsync(ValueFilter filter, CancellationToken cancellation) => pages.PageXcomsAsync(filter, cancellation);

    /// <inheritdoc/>
    public Task<RequestRecord?> FindRequestAsync(string id, CancellationToken cancellation) => pages.FindRequestAsync(id, cancellation);

    /// <inheritdoc/>
    public Task<HistoryPage> ReadHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        pages.ReadHistoryAsync(run, task, after, limit, cancellation);
}
