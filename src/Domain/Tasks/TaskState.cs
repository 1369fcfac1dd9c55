namespace OrleansFlow.Domain.Tasks;

/// <summary>The state of a task instance. Words and meaning are Airflow's; the edges are in <see cref="TaskEdges"/>.</summary>
public enum TaskState
{
    /// <summary>Waits for its dependencies.</summary>
    None = 1,

    /// <summary>Its dependencies are met; it waits for a pool, a limit or an unpaused DAG.</summary>
    Scheduled = 2,

    /// <summary>An attempt is being dispatched, or is held at the gate; none runs.</summary>
    Queued = 3,

    /// <summary>An attempt runs or leaves.</summary>
    Running = 4,

    /// <summary>An attempt committed. Finished.</summary>
    Success = 5,

    /// <summary>Its attempts are used up, or a rule said so. Finished.</summary>
    Failed = 6,

    /// <summary>It was not to run. Finished.</summary>
    Skipped = 7,

    /// <summary>It could not run, because of what became of those above it. Finished.</summary>
    UpstreamFailed = 8,

    /// <summary>Waits until its next attempt is due.</summary>
    UpForRetry = 9,

    /// <summary>A sensor waits for its next probe.</summary>
    UpForReschedule = 10,

    /// <summary>Waits for an event without holding a worker.</summary>
    Deferred = 11,

    /// <summary>Was cleared while it ran; its attempt is being ended.</summary>
    Restarting = 12,

    /// <summary>No longer in the DAG version of its run. Finished.</summary>
    Removed = 13,
}

/// <summary>Questions asked of a <see cref="TaskState"/>.</summary>
public static class TaskStates
{
    /// <summary>Whether nothing further happens to the instance by itself.</summary>
    public static bool IsFinished(this TaskState state) => state
        is TaskState.Success or TaskState.Failed or TaskState.Skipped or TaskState.UpstreamFailed or TaskState.Removed;

    /// <summary>Whether the instance holds its pool slots and counts towards limits.</summary>
    public static bool HoldsLimits(this TaskState state) => state is TaskState.Queued or TaskState.Running or TaskState.Restarting;
}
