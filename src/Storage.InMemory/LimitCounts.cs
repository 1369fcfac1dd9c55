using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Storage.InMemory;

/// <summary>What each limit would have used if it were counted from the rows of unfinished runs.</summary>
internal static class LimitCounts
{
    public static SortedDictionary<string, int> Of(Tables tables)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void Add(string key, int amount) => counts[key] = counts.GetValueOrDefault(key) + amount;

        foreach (var run in tables.Runs.Values)
        {
            if (run.Run.State == RunState.Running) Add(LimitKeys.Dag(run.Run.Dag), 1);
            if (run.Run.State.IsFinished()) continue;
            foreach (var task in run.Tasks.Values.Select(task => task.Task).Where(task => task.State.HoldsLimits()))
            {
                Add(LimitKeys.Global, 1);
                Add(LimitKeys.Pool(task.Pool), task.PoolSlots);
                Add(LimitKeys.Run(run.Run.Id), 1);
                Add(LimitKeys.Paused(run.Run.Dag), 1);
                Add(LimitKeys.Task(run.Run.Dag, task.Key.Task), 1);
            }
        }

        return counts;
    }
}
