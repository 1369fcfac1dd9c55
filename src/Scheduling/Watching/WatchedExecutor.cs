using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>Executes batches by another executor, and tells <see cref="RowChanges"/> what was committed.</summary>
/// <param name="inner">Executes them.</param>
/// <param name="changes">Hears of them.</param>
public sealed class WatchedExecutor(IBatchExecutor inner, RowChanges changes) : IBatchExecutor
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        try
        {
            var outcomes = await inner.ExecuteAsync(batch, cancellation);
            for (var i = 0; i < batch.Count; i++)
                if (outcomes[i].Status == StepStatus.Committed) changes.Tell(batch[i]);
            return outcomes;
        }
        catch (StoreException failure) when (failure.Failure == StoreFailure.OutcomeUnknown)
        {
            foreach (var step in batch) changes.Tell(step);
            throw;
        }
    }
}
