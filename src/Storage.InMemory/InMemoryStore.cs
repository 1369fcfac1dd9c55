using OrleansFlow.Domain.Limits;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

/// <summary>
/// The reference store: what PostgreSQL is tested against, and the store of the simulation. It keeps everything in memory and
/// nothing beyond the process. Every method completes synchronously, and every order is determined by the rows. Thread-safe.
/// </summary>
/// <remarks>A new store holds the default pool with <see cref="LimitKeys.DefaultPoolSlots"/> slots, as a migrated database does.</remarks>
public sealed partial class InMemoryStore : IBatchExecutor, IStateReader, IQueries, IPagedQueries
{
    private readonly Lock _writing = new();
    private volatile Tables _tables = WithDefaultPool();

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<IReadOnlyList<StepOutcome>>(cancellation);
        try
        {
            return Task.FromResult(Execute(batch));
        }
        catch (StoreException failure)
        {
            return Task.FromException<IReadOnlyList<StepOutcome>>(failure);
        }
    }

    private IReadOnlyList<StepOutcome> Execute(IReadOnlyList<Step> batch)
    {
        lock (_writing)
        {
            var rows = BatchPlan.RowsToLock(batch);
            if (rows.Count != batch.SelectMany(step => step.Writes).OfType<PutRow>().Count(put => put.Expected > 0))
                throw new ArgumentException("a batch puts the same row twice", nameof(batch));
            var versions = new Dictionary<RowKey, long>();
            foreach (var row in rows)
                if (_tables.VersionOf(row) is { } version)
                    versions.Add(row, version);
            var plan = BatchPlan.Decide(batch, versions, _tables.Limits);
            _tables = new BatchApplier(_tables).Apply(plan);
            return plan.Outcomes;
        }
    }

    private static Tables WithDefaultPool()
    {
        var pool = new Pool(LimitKeys.DefaultPool, LimitKeys.DefaultPoolSlots);
        var limit = new LimitCounter(LimitKeys.Pool(pool.Name), pool.Slots, 0);
        return Tables.Empty with
        {
            Pools = Tables.Empty.Pools.Add(pool.Name, pool),
            Limits = Tables.Empty.Limits.Add(limit.Key, limit),
        };
    }
}
