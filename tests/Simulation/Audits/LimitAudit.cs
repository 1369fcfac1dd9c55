using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Simulation.Audits;

/// <summary>Counts what the rows hold of every limit, by itself, and compares.</summary>
internal sealed class LimitAudit(Cluster cluster, InMemoryStore store)
{
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Slots, int Used)> _before = new(StringComparer.Ordinal);

    public void Count(DagRun? before, DagRun after)
    {
        var change = (after.State == RunState.Running ? 1 : 0) - (before?.State == RunState.Running ? 1 : 0);
        Add(LimitKeys.Dag(after.Dag), change);
    }

    public void Count(TaskInstance? before, TaskInstance after, DagId dag)
    {
        var change = (Holds(after) ? 1 : 0) - (before is not null && Holds(before) ? 1 : 0);
        Add(LimitKeys.Pool(after.Pool), change * after.PoolSlots);
        Add(LimitKeys.Run(after.Key.Run), change);
        Add(LimitKeys.Task(dag, after.Key.Task), change);
        Add(LimitKeys.Global, change);
        Add(LimitKeys.Paused(dag), change);
    }

    /// <summary>What a batch touched; or, now and then, every limit there is.</summary>
    public async Task CheckAsync(IReadOnlyList<Step> batch, bool everything)
    {
        var set = batch.SelectMany(step => step.Writes).OfType<SetLimit>().Select(write => write.Key).ToHashSet(StringComparer.Ordinal);
        var touched = batch.SelectMany(step => step.Limits).Select(delta => delta.Key).Concat(set)
            .Concat(batch.SelectMany(step => step.Writes).OfType<PutPool>().Select(put => LimitKeys.Pool(put.Row.Name)));
        var keys = everything ? [.. _held.Keys] : touched.Distinct().ToArray();
        foreach (var counter in await store.ReadLimitsAsync(keys, default))
        {
            var held = _held.GetValueOrDefault(counter.Key);
            if (counter.Used != held) cluster.Fail($"{counter.Key} counts {counter.Used}, its rows hold {held}");
            var (slots, used) = _before.GetValueOrDefault(counter.Key, (counter.Slots, 0));
            // A batch that sets a limit takes slots before that, and a pause is set over what already runs.
            if (!set.Contains(counter.Key) && counter.Used > Math.Max(slots, counter.Slots) && counter.Used > used)
                cluster.Fail($"{counter.Key} has {counter.Slots} slots, and {counter.Used} are taken");
            _before[counter.Key] = (counter.Slots, counter.Used);
        }
    }

    private static bool Holds(TaskInstance task) => task.State is TaskState.Queued or TaskState.Running;

    private void Add(string key, int change)
    {
        if (change != 0) _held[key] = _held.GetValueOrDefault(key) + change;
    }
}
