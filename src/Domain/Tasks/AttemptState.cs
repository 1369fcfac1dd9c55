namespace OrleansFlow.Domain.Tasks;

/// <summary>The state of an attempt; the edges are in <see cref="TaskEdges"/>.</summary>
public enum AttemptState
{
    /// <summary>The intent is committed; the backend is being told.</summary>
    Dispatching = 1,

    /// <summary>Launched, but its start waits for the attempt before it.</summary>
    Held = 2,

    /// <summary>The command runs.</summary>
    Running = 3,

    /// <summary>Its node is going; it may still beat, checkpoint and succeed.</summary>
    Leaving = 4,

    /// <summary>Ended well and committed its outputs.</summary>
    Succeeded = 5,

    /// <summary>Ended by its own doing.</summary>
    Failed = 6,

    /// <summary>Ended by something that is not the command's doing.</summary>
    Lost = 7,

    /// <summary>A later attempt took its place.</summary>
    Superseded = 8,

    /// <summary>Ended because somebody cancelled it.</summary>
    Cancelled = 9,
}

/// <summary>Questions asked of an <see cref="AttemptState"/>.</summary>
public static class AttemptStates
{
    /// <summary>Whether the attempt has ended for good.</summary>
    public static bool IsFinished(this AttemptState state) => state >= AttemptState.Succeeded;
}

/// <summary>Why an attempt ended otherwise than well: exactly one, by evidence (<c>spot.md</c>).</summary>
public enum AttemptCause
{
    /// <summary>The command failed. Charged to <c>retries</c>.</summary>
    Application = 1,

    /// <summary>Killed for using too much memory. Charged to <c>retries</c>.</summary>
    Oom = 2,

    /// <summary>Ended on being told to, or said "run me again" by exit code 75. Charged to <c>infra_retries</c>.</summary>
    Stopped = 3,

    /// <summary>Its node or pod was taken away. Charged to <c>infra_retries</c>.</summary>
    Preempted = 4,

    /// <summary>Its node fell silent, and that was corroborated. Charged to <c>infra_retries</c>.</summary>
    NodeLost = 5,

    /// <summary>The host that ran it as a local process died. Charged to <c>infra_retries</c>.</summary>
    HostLost = 6,

    /// <summary>It never started. Charged to <c>launch_retries</c>.</summary>
    Launch = 7,

    /// <summary>It vanished without any evidence. Charged to a small budget of its own.</summary>
    Unknown = 8,

    /// <summary>It ran longer than <c>timeout</c>. Charged to <c>retries</c>.</summary>
    Timeout = 9,

    /// <summary>Somebody cancelled it. Charged to nothing.</summary>
    Cancelled = 10,
}

/// <summary>Why we told an attempt to stop.</summary>
public enum StopReason
{
    /// <summary>Somebody cancelled the run or the task.</summary>
    Cancel = 1,

    /// <summary>The attempt ran longer than <c>timeout</c>.</summary>
    Timeout = 2,

    /// <summary>The task was cleared while it ran.</summary>
    Clear = 3,

    /// <summary>The run took longer than <c>run_timeout</c>.</summary>
    RunTimeout = 4,
}
