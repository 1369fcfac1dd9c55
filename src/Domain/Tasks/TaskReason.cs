namespace OrleansFlow.Domain.Tasks;

/// <summary>
/// Why a task instance is in its state: stands beside <see cref="TaskState"/> and is never multiplied into it.
/// Everything that waits says why.
/// </summary>
public enum TaskReason
{
    /// <summary>Waits for those it needs.</summary>
    Dependencies = 1,

    /// <summary>Its pool has no free slots.</summary>
    PoolFull = 2,

    /// <summary>A limit on concurrent tasks (of the run, the task or the installation) is reached.</summary>
    LimitReached = 3,

    /// <summary>Its DAG is paused.</summary>
    Paused = 4,

    /// <summary>The attempt is on its way to its backend.</summary>
    Dispatching = 5,

    /// <summary>The backend accepted the attempt but has no room for it yet: no node, or no disk.</summary>
    AwaitingCapacity = 6,

    /// <summary>Waits for the delay of its next retry.</summary>
    Backoff = 7,

    /// <summary>The last attempt was lost with its node or host; a replacement is under way.</summary>
    InfraLost = 8,

    /// <summary>The backend could not start the attempt: it is tried again, or the task has failed for it.</summary>
    LaunchFailed = 9,

    /// <summary>An attempt is at work.</summary>
    Executing = 10,

    /// <summary>The attempt was told to stop and has not ended yet.</summary>
    Stopping = 11,

    /// <summary>An attempt ended well and committed.</summary>
    Completed = 12,

    /// <summary>The command's exit code says that it failed.</summary>
    ExitCode = 13,

    /// <summary>The attempt ran longer than <c>timeout</c>.</summary>
    Timeout = 14,

    /// <summary>The task waited to start longer than <c>queued_timeout</c>.</summary>
    QueuedTimeout = 15,

    /// <summary>The attempt was killed for using too much memory.</summary>
    Oom = 16,

    /// <summary>Somebody cancelled the run.</summary>
    Cancelled = 17,

    /// <summary>The command asked to be skipped by its exit code.</summary>
    SkipExitCode = 18,

    /// <summary><c>when</c> was false.</summary>
    Condition = 19,

    /// <summary>Its trigger rule can no longer be met.</summary>
    TriggerRule = 20,

    /// <summary>Its map has no elements.</summary>
    EmptyMap = 21,

    /// <summary>A declared output is missing, or the outputs could not be committed.</summary>
    Outputs = 22,

    /// <summary>Something of its run that it refers to (an xcom, an input) does not exist.</summary>
    Unresolved = 23,

    /// <summary>The run took longer than <c>run_timeout</c>.</summary>
    RunTimeout = 24,

    /// <summary>The instance was cleared to run again.</summary>
    Cleared = 25,
}
