using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Tasks;

/// <summary>A task instance as it is stored: one row of <c>task_instance</c>.</summary>
public sealed record TaskInstance
{
    /// <summary>Which instance this is.</summary>
    public required TaskKey Key { get; init; }

    /// <summary>The anchor's version: every commit of a change compares and bumps it. From 1.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The state.</summary>
    public TaskState State { get; init; } = TaskState.None;

    /// <summary>Why it is in that state.</summary>
    public TaskReason Reason { get; init; } = TaskReason.Dependencies;

    /// <summary>The reason in words, where there is more to say than its name.</summary>
    public string? Detail { get; init; }

    /// <summary>The number of the last attempt assigned; 0 before the first. Never reset.</summary>
    public int Epoch { get; init; }

    /// <summary>The lowest epoch that may still act.</summary>
    public int Fence { get; init; }

    /// <summary>Failures charged to the user's <c>retries</c>.</summary>
    public int RetriesUsed { get; init; }

    /// <summary>Losses charged to <c>infra_retries</c>.</summary>
    public int InfraRetriesUsed { get; init; }

    /// <summary>Failed launches charged to <c>launch_retries</c>.</summary>
    public int LaunchRetriesUsed { get; init; }

    /// <summary>Unexplained disappearances.</summary>
    public int UnknownRetriesUsed { get; init; }

    /// <summary>When the instance wants to be looked at again (retry, deadline, poke); null when it does not.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>When its dependencies were met.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>When its first attempt started to run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it finished.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Finished, and the run has not acted on it yet.</summary>
    public bool Unreported { get; init; }

    /// <summary>The pool whose slots it takes.</summary>
    public string Pool { get; init; } = Limits.LimitKeys.DefaultPool;

    /// <summary>How many slots it takes.</summary>
    public int PoolSlots { get; init; } = 1;

    /// <summary>Its effective priority weight: greater goes first among the waiters of a pool.</summary>
    public long Priority { get; init; } = 1;

    /// <summary>The element of the map as canonical JSON; null when not mapped.</summary>
    public string? MapItem { get; init; }
}

/// <summary>An attempt as it is stored: one row of <c>task_attempt</c>.</summary>
public sealed record Attempt
{
    /// <summary>Which attempt this is.</summary>
    public required AttemptKey Key { get; init; }

    /// <summary>Random, committed with the intent, carried by everything that speaks for the attempt.</summary>
    public required Guid Uid { get; init; }

    /// <summary>The state.</summary>
    public AttemptState State { get; init; } = AttemptState.Dispatching;

    /// <summary>Why it ended, when it did not end well; null before that and after success.</summary>
    public AttemptCause? Cause { get; init; }

    /// <summary>The command's exit code, when it is known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it was told to stop; null when it was not.</summary>
    public StopReason? Stop { get; init; }

    /// <summary>When the intent was committed.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the command started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The execution backend that runs it; null until it is known.</summary>
    public string? Backend { get; init; }

    /// <summary>The node or machine it runs on, when it is known.</summary>
    public string? Node { get; init; }

    /// <summary>The number of the last checkpoint it saved; null when it saved none. A loss after progress burns nothing.</summary>
    public long? Checkpoint { get; init; }

    /// <summary>What is known of how it runs and ended, as JSON.</summary>
    public string? Evidence { get; init; }
}
