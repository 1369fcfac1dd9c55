using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>A task instance from its admission to its end.</summary>
public interface ITaskInstance
{
    /// <summary>Its run committed it as queued with its first attempt's intent: launch it.</summary>
    Task DispatchAsync(Dispatch message, CancellationToken cancellation);

    /// <summary>Its pool has room: try to get in.</summary>
    Task<AdmitReply> AdmitAsync(Admit message, CancellationToken cancellation);

    /// <summary>Its backend saw something of an attempt.</summary>
    Task ObserveAsync(AttemptStatus message, CancellationToken cancellation);

    /// <summary>Its run is being cancelled.</summary>
    Task CancelAsync(CancelTask message, CancellationToken cancellation);

    /// <summary>A retry, a deadline or a poke may be due.</summary>
    Task WakeAsync(Wake message, CancellationToken cancellation);
}

/// <summary>Launch an attempt whose intent is committed.</summary>
/// <param name="Task">The row as it was committed.</param>
/// <param name="Attempt">The attempt as it was committed.</param>
public sealed record Dispatch(TaskInstance Task, Attempt Attempt);

/// <summary>Try to leave the queue of the pool.</summary>
public sealed record Admit;

/// <summary>What became of it.</summary>
/// <param name="Blocked">The limit that still has no room; null: the instance waits no more.</param>
public sealed record AdmitReply(string? Blocked);

/// <summary>End the instance: an attempt that runs is told to stop.</summary>
/// <param name="Reason">Why: <see cref="TaskReason.Cancelled"/> or <see cref="TaskReason.RunTimeout"/>.</param>
public sealed record CancelTask(TaskReason Reason);
