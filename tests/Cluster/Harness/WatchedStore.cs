using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>The model of the store, with what was committed and refused in it. Thread-safe.</summary>
internal sealed class WatchedStore : IBatchExecutor
{
    private readonly Lock _lock = new();
    private readonly List<Step> _committed = [];
    private int _conflicts;

    /// <summary>The rows.</summary>
    public InMemoryStore Rows { get; } = new();

    /// <summary>How many steps were refused because another activation had been there.</summary>
    public int Conflicts => Volatile.Read(ref _conflicts);

    /// <summary>The steps in the order in which they were committed.</summary>
    public IReadOnlyList<Step> Committed
    {
        get
        {
            lock (_lock) return [.. _committed];
        }
    }

    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        var outcomes = await Rows.ExecuteAsync(batch, cancellation);
        lock (_lock)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                if (outcomes[i].Status == StepStatus.Committed) _committed.Add(batch[i]);
                if (outcomes[i].Status == StepStatus.Conflict) _conflicts++;
            }
        }

        return outcomes;
    }
}
