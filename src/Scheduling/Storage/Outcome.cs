namespace OrleansFlow.Scheduling.Storage;

/// <summary>What became of a step.</summary>
public enum StepStatus
{
    /// <summary>It is durable.</summary>
    Committed = 1,

    /// <summary>A row had another version, or a unique key was taken. Nothing of it was applied: reload and decide again.</summary>
    Conflict = 2,

    /// <summary>A limit has too few free slots. Nothing of it was applied.</summary>
    LimitExceeded = 3,

    /// <summary>The store refuses it for what it is. Nothing of it was applied; trying again will not help.</summary>
    Rejected = 4,

    /// <summary>The connection was lost on the way: it may have been applied or not. Reload and see.</summary>
    Unknown = 5,

    /// <summary>This host is no longer in charge. Nothing of it was applied; stop.</summary>
    Fenced = 6,
}

/// <summary>What became of a step, and what to know to decide again.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Problem">In words, for everything but success.</param>
/// <param name="Limit">The limit that was exceeded, with what is left of it.</param>
public sealed record StepOutcome(StepStatus Status, string? Problem = null, LimitCounter? Limit = null)
{
    /// <summary>It is durable.</summary>
    public static readonly StepOutcome Committed = new(StepStatus.Committed);
}

/// <summary>Why the store could not execute a batch as a whole.</summary>
public enum StoreFailure
{
    /// <summary>The store cannot be reached, and nothing was applied. Try again later.</summary>
    Unavailable = 1,

    /// <summary>The connection was lost while committing: the outcome is unknown.</summary>
    OutcomeUnknown = 2,

    /// <summary>A statement failed, and nothing was applied. Some step of the batch is guilty.</summary>
    Rejected = 3,

    /// <summary>As <see cref="Rejected"/>, by a unique key: the guilty step conflicts.</summary>
    UniqueViolation = 4,

    /// <summary>Another host has taken over. Nothing was applied.</summary>
    Fenced = 5,

    /// <summary>Deadlock or serialization failure; nothing was applied. Try again at once.</summary>
    Contention = 6,
}

/// <summary>A batch could not be executed as a whole.</summary>
public sealed class StoreException(StoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public StoreFailure Failure { get; } = failure;

    /// <summary>Whether it may pass by itself: the store is away, or too busy. What it refuses it will refuse again.</summary>
    public bool MayPass => Failure is StoreFailure.Unavailable or StoreFailure.OutcomeUnknown or StoreFailure.Contention;
}
