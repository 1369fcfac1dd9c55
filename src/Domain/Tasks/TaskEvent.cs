using OrleansFlow.Domain.Launching;

namespace OrleansFlow.Domain.Tasks;

/// <summary>What can happen to a task instance.</summary>
public abstract record TaskEvent;

/// <summary>There may be room: leave the pool's queue with a new attempt.</summary>
public sealed record Admitted : TaskEvent;

/// <summary>There was no room: the commit of an admission was refused.</summary>
/// <param name="Reason"><see cref="TaskReason.PoolFull"/>, <see cref="TaskReason.LimitReached"/> or <see cref="TaskReason.Paused"/>.</param>
/// <param name="Detail">Which limit, in words.</param>
public sealed record Refused(TaskReason Reason, string? Detail) : TaskEvent;

/// <summary>Time has passed: a retry, a deadline or a poke may be due.</summary>
public sealed record Due : TaskEvent;

/// <summary>The instance is to end.</summary>
/// <param name="Reason"><see cref="TaskReason.Cancelled"/> or <see cref="TaskReason.RunTimeout"/>.</param>
public sealed record CancelRequested(TaskReason Reason) : TaskEvent;

/// <summary>Something about one attempt: ignored as stale unless epoch and uid are those of the live one.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
public abstract record AttemptEvent(int Epoch, Guid Uid) : TaskEvent;

/// <summary>The backend refused to start it.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Reason"><see cref="TaskReason.LaunchFailed"/>, or <see cref="TaskReason.Unresolved"/>.</param>
/// <param name="Message">Why, for the user.</param>
/// <param name="Permanent">Trying again will not help.</param>
public sealed record LaunchRefused(int Epoch, Guid Uid, string Backend, TaskReason Reason, string Message, bool Permanent)
    : AttemptEvent(Epoch, Uid);

/// <summary>The backend has it, and it does not run yet.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Detail">What it waits for.</param>
public sealed record Pending(int Epoch, Guid Uid, string? Detail) : AttemptEvent(Epoch, Uid);

/// <summary>Its command runs.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="At">Since when.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Node">Where.</param>
/// <param name="Evidence">How it can be found again, as JSON.</param>
public sealed record Started(int Epoch, Guid Uid, DateTimeOffset At, string Backend, string? Node, string? Evidence) : AttemptEvent(Epoch, Uid);

/// <summary>Its command ended.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="StartedAt">When it had started.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Node">Where.</param>
/// <param name="Exit">How it ended.</param>
public sealed record Exited(int Epoch, Guid Uid, DateTimeOffset StartedAt, string Backend, string? Node, ExitReport Exit) : AttemptEvent(Epoch, Uid);

/// <summary>It is gone, and not by its own doing.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="At">When that was seen.</param>
/// <param name="Cause">Why.</param>
/// <param name="Detail">In words.</param>
/// <param name="Evidence">What is known, as JSON.</param>
public sealed record Lost(int Epoch, Guid Uid, DateTimeOffset At, AttemptCause Cause, string Detail, string? Evidence) : AttemptEvent(Epoch, Uid);

/// <summary>It saved a checkpoint.</summary>
/// <param name="Epoch">The attempt's number.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Number">The growing number.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record CheckpointStored(int Epoch, Guid Uid, long Number, string Uri) : AttemptEvent(Epoch, Uid);
