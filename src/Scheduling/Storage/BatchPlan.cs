using OrleansFlow.Domain.Limits;

namespace OrleansFlow.Scheduling.Storage;

/// <summary>
/// Decides, once the rows are locked, which steps of a batch are applied: whole steps are dropped for a version that moved or a
/// limit that has too few slots. Pure, and the same for every store.
/// </summary>
public sealed class BatchPlan
{
    private BatchPlan(IReadOnlyList<StepOutcome> outcomes, IReadOnlyList<Step> accepted, IReadOnlyDictionary<string, int> deltas)
    {
        Outcomes = outcomes;
        Accepted = accepted;
        LimitChanges = deltas;
    }

    /// <summary>An outcome for each step, in the order of the batch.</summary>
    public IReadOnlyList<StepOutcome> Outcomes { get; }

    /// <summary>The steps to apply, in order.</summary>
    public IReadOnlyList<Step> Accepted { get; }

    /// <summary>What the accepted steps add to each limit; zero sums and unknown limits are left out.</summary>
    public IReadOnlyDictionary<string, int> LimitChanges { get; }

    /// <summary>The existing rows that a batch must lock and compare, sorted, each once. Inserts are guarded by their keys.</summary>
    public static IReadOnlyList<RowKey> RowsToLock(IReadOnlyList<Step> batch) =>
        [.. batch.SelectMany(step => step.Writes).OfType<PutRow>().Where(put => put.Expected > 0).Select(put => put.Key).Distinct().Order()];

    /// <summary>The limits that a batch must lock, sorted, each once.</summary>
    public static IReadOnlyList<string> LimitsToLock(IReadOnlyList<Step> batch) =>
        [.. batch.SelectMany(step => step.Limits).Select(delta => delta.Key).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Decides.</summary>
    /// <param name="batch">The steps.</param>
    /// <param name="versions">The version of each locked row; absent: there is no such row.</param>
    /// <param name="limits">The locked limits by key; absent: nobody set it.</param>
    public static BatchPlan Decide(
        IReadOnlyList<Step> batch,
        IReadOnlyDictionary<RowKey, long> versions,
        IReadOnlyDictionary<string, LimitCounter> limits)
    {
        var outcomes = new StepOutcome[batch.Count];
        var accepted = new List<Step>(batch.Count);
        var changes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < batch.Count; i++)
        {
            outcomes[i] = Conflict(batch[i], versions) ?? Take(batch[i], limits, changes) ?? StepOutcome.Committed;
            if (outcomes[i].Status == StepStatus.Committed) accepted.Add(batch[i]);
        }

        foreach (var key in changes.Where(change => change.Value == 0).Select(change => change.Key).ToArray()) changes.Remove(key);
        return new BatchPlan(outcomes, accepted, changes);
    }

    private static StepOutcome? Conflict(Step step, IReadOnlyDictionary<RowKey, long> versions)
    {
        foreach (var write in step.Writes)
        {
            if (write is not PutRow { Expected: > 0 } put) continue;
            var actual = versions.GetValueOrDefault(put.Key);
            if (actual != put.Expected)
                return new StepOutcome(StepStatus.Conflict, $"{put.Key} has version {actual}, not {put.Expected}");
        }

        return null;
    }

    private static StepOutcome? Take(
        Step step, IReadOnlyDictionary<string, LimitCounter> limits, SortedDictionary<string, int> changes)
    {
        if (step.Limits.Count == 0) return null;
        var wanted = Sum(step.Limits, limits);
        foreach (var (key, amount) in wanted)
        {
            if (amount <= 0) continue;
            var counter = limits[key] with { Used = limits[key].Used + changes.GetValueOrDefault(key) };
            if (counter.Used + amount > counter.Slots)
                return new StepOutcome(StepStatus.LimitExceeded, $"{key} has {counter.Free} of {counter.Slots} slots left", counter);
        }

        foreach (var (key, amount) in wanted) changes[key] = changes.GetValueOrDefault(key) + amount;
        return null;
    }

    private static SortedDictionary<string, int> Sum(IReadOnlyList<LimitDelta> deltas, IReadOnlyDictionary<string, LimitCounter> limits)
    {
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var delta in deltas)
            if (limits.ContainsKey(delta.Key))
                sums[delta.Key] = sums.GetValueOrDefault(delta.Key) + delta.Amount;
        return sums;
    }
}
