using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Limits;

/// <summary>A change of a counted limit, committed with the step that causes it: taking is positive, giving back negative.</summary>
/// <param name="Key">The limit (<see cref="LimitKeys"/>).</param>
/// <param name="Amount">Slots taken (+) or given back (-); never 0.</param>
public readonly record struct LimitDelta(string Key, int Amount);

/// <summary>The names of limits. A limit that nobody set has no row, and its deltas count for nothing.</summary>
public static class LimitKeys
{
    /// <summary>The pool of tasks that name none.</summary>
    public const string DefaultPool = "default";

    /// <summary>The slots of the default pool until somebody sets them.</summary>
    public const int DefaultPoolSlots = 128;

    /// <summary>Queued and running tasks of the whole installation.</summary>
    public const string Global = "global";

    /// <summary>Slots of a pool.</summary>
    public static string Pool(string name) => $"pool/{name}";

    /// <summary>Running runs of a DAG (<c>max_active_runs</c>).</summary>
    public static string Dag(DagId dag) => $"dag/{dag}";

    /// <summary>Queued and running tasks of a run (<c>max_active_tasks</c>).</summary>
    public static string Run(RunId run) => $"run/{run}";

    /// <summary>Queued and running tasks of a DAG: set to no slots while it is paused, and absent otherwise. A pause is a limit of none.</summary>
    public static string Paused(DagId dag) => $"paused/{dag}";

    /// <summary>Queued and running instances of a task across runs (<c>max_active</c>).</summary>
    public static string Task(DagId dag, TaskId task) => $"task/{dag}/{task}";
}
