using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>Which limits a task instance counts towards while it is queued or running.</summary>
internal static class TaskLimits
{
    /// <summary>What it takes of each.</summary>
    public static IEnumerable<LimitDelta> Of(DagSpec dag, TaskSpec spec, TaskInstance task)
    {
        yield return new LimitDelta(LimitKeys.Pool(task.Pool), task.PoolSlots);
        yield return new LimitDelta(LimitKeys.Global, 1);
        yield return new LimitDelta(LimitKeys.Paused(dag.Id), 1);
        if (dag.MaxActiveTasks is not null) yield return new LimitDelta(LimitKeys.Run(task.Key.Run), 1);

        // Whether this version sets it or not: the limit is the DAG's, and counts the runs of all versions.
        yield return new LimitDelta(LimitKeys.Task(dag.Id, spec.Id), 1);
    }

    /// <summary>What a change of state takes or gives back.</summary>
    public static IReadOnlyList<LimitDelta> Change(DagSpec dag, TaskSpec spec, TaskInstance before, TaskInstance after) =>
        (before.State.HoldsLimits(), after.State.HoldsLimits()) switch
        {
            (false, true) => [.. Of(dag, spec, after)],
            (true, false) => [.. Of(dag, spec, before).Select(taken => taken with { Amount = -taken.Amount })],
            _ => [],
        };

    /// <summary>Why a task instance waits when a limit has no room.</summary>
    public static TaskReason ReasonOf(string limit) => limit.Split('/')[0] switch
    {
        "pool" => TaskReason.PoolFull,
        "paused" => TaskReason.Paused,
        _ => TaskReason.LimitReached,
    };

    /// <summary>The same in words; null when the reason says it all.</summary>
    public static string? Explain(string limit) => limit.Split('/')[0] switch
    {
        "pool" => $"pool {limit[5..]} has too few free slots",
        "run" => "as many tasks of this run are active as max_active_tasks allows",
        "task" => "as many instances of this task are active as max_active allows",
        "global" => "as many tasks are active as this installation allows",
        _ => null,
    };
}
