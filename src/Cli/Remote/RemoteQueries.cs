using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;
using Pool = OrleansFlow.Scheduling.Storage.Pool;
using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Remote;

/// <summary>The read models of a server.</summary>
internal sealed class RemoteQueries(FlowClient client, RemoteLogs logs) : IQueries
{
    /// <summary>The fields of a run that is too large to come in one piece with its tasks.</summary>
    private static string[] WithoutTasks => [.. Wire.Run.Descriptor.Fields.InDeclarationOrder().Select(f => f.Name).Where(name => name != "tasks")];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation)
    {
        var dags = new List<DagSummary>();
        await foreach (var dag in client.ListDagsAsync(cancellation: cancellation)) dags.Add(RunMapping.Summary(dag));
        return dags;
    }

    /// <summary>A DAG with its versions. Only the version that commands look into, the current or else the newest one, has its specification.</summary>
    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation) => UnlessMissingAsync(async () =>
    {
        var head = RunMapping.Head(await client.GetDagAsync(dag, cancellation));
        var versions = new List<DagVersion>();
        await foreach (var version in client.ListDagVersionsAsync(dag, cancellation)) versions.Add(RunMapping.Version(version, dag));

        var open = Math.Max(0, versions.FindIndex(version => version.Hash == head.CurrentHash));
        if (versions.Count > 0)
            versions[open] = RunMapping.Version(await client.GetDagVersionAsync(dag, versions[open].Hash, cancellation), dag);
        return new DagDetail(head, versions);
    });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation)
    {
        var query = new RunQuery
        {
            Dag = filter.Dag,
            States = [.. filter.States.Select(state => (Wire.RunState)(int)state)],
            CreatedSince = filter.Since,
            PageSize = Math.Clamp(filter.Limit, 1, 1000),
        };
        var runs = await UnlessMissingAsync(async () => await client.ListRunsAsync(query, cancellation)
            .Take(filter.Limit).Select(RunMapping.Summary).ToListAsync(cancellation));
        return runs ?? [];
    }

    /// <inheritdoc/>
    public async Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation) =>
        await ListRunsAsync(new RunFilter { Dag = dag, Limit = 1 }, cancellation) is [var latest, ..] ? latest.Run.Id : null;

    /// <inheritdoc/>
    public Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation) => UnlessMissingAsync(async () =>
    {
        try
        {
            var whole = await client.GetRunAsync(run, cancellation: cancellation);
            return RunMapping.Detail(whole, whole.Tasks, logs);
        }
        catch (FlowException large) when (large.Reason == Wire.ErrorReason.RunTooLarge)
        {
            var bare = await client.GetRunAsync(run, WithoutTasks, cancellation);
            return RunMapping.Detail(bare, await client.ListTaskInstancesAsync(run, cancellation: cancellation).ToListAsync(cancellation), logs);
        }
    });

    /// <summary>Histories of a server are followed by its streams, never read page by page.</summary>
    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        throw new NotSupportedException("the history of a server's run is followed by its stream");

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation) => await client.ListPoolsAsync(cancellation)
        .Select(pool => new PoolUsage(
            new Pool(ResourceNames.Pool(pool.Name), pool.Slots, RunMapping.Text(pool.Description)), pool.UsedSlots, pool.WaitingCount))
        .ToListAsync(cancellation);

    private static async Task<T?> UnlessMissingAsync<T>(Func<Task<T>> ask) where T : class
    {
        try
        {
            return await ask();
        }
        catch (FlowNotFoundException)
        {
            return null;
        }
    }
}
