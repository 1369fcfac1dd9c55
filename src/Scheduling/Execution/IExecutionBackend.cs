using System.Text.Json.Serialization;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Execution;

/// <summary>
/// Runs attempts: local processes, pods. Level-triggered: the list is the truth, the stream of observations only makes it fast.
/// Thread-safe.
/// </summary>
public interface IExecutionBackend
{
    /// <summary>The backend's name, as it stands in <c>task_attempt.backend</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Sees to it that the attempt starts. Idempotent by uid: repeating it for an attempt that is there changes nothing. Returns when
    /// the backend has accepted it, or not before it has started; what becomes of it is observed, and also that it has to wait
    /// (<see cref="AttemptPending"/>). A wait for room, of whatever kind, is no failure.
    /// </summary>
    /// <exception cref="LaunchException">It cannot be started; the message is for the user.</exception>
    Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation);

    /// <summary>
    /// Tells an attempt to stop: SIGTERM, the grace period, SIGKILL, to all its processes. Returns when that is under way; its end is
    /// observed. One whose command has not started yet never does: it is lost, with cause <c>stopped</c>, and has no exit. Unknown or ended
    /// attempts are left alone.
    /// </summary>
    Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// Called once by a host that starts, before it launches anything: finds the attempts again that rows say are unfinished, and tells
    /// what it finds or what became of them. Those it never had are left out.
    /// </summary>
    Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation);

    /// <summary>
    /// A checkpoint of an attempt is recorded, as a <see cref="CheckpointSaved"/> told it: the task may count on it, and the list tells
    /// it no more. Numbers up to this one are meant too. Repeating it is fine, also for attempts that have ended.
    /// </summary>
    Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation);

    /// <summary>What is there: attempts that wait, running ones, and ended ones that have not been released, each after its last checkpoint that
    /// is not acknowledged.</summary>
    Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation);

    /// <summary>The end of an attempt is durable: what the backend kept of it may go. Repeating it is fine.</summary>
    Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation);

    /// <summary>Observations as they come, for one reader; what was missed is in <see cref="ListAsync"/>.</summary>
    IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation);
}

/// <summary>An attempt that rows hold as unfinished.</summary>
/// <param name="Dag">The DAG.</param>
/// <param name="Attempt">The attempt.</param>
public sealed record LiveAttempt(DagId Dag, Attempt Attempt);

/// <summary>What a backend knows of an attempt at a moment. A later one of the same attempt replaces it.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity: another uid is another attempt, whatever its name.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AttemptPending), "pending")]
[JsonDerivedType(typeof(AttemptStarted), "started")]
[JsonDerivedType(typeof(AttemptExited), "exited")]
[JsonDerivedType(typeof(AttemptLost), "lost")]
[JsonDerivedType(typeof(CheckpointSaved), "checkpoint_saved")]
public abstract record AttemptStatus(AttemptKey Attempt, Guid Uid);

/// <summary>The backend has it, and it does not run yet.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Detail">What it waits for, in words; null: nothing in particular, it is about to start.</param>
public sealed record AttemptPending(AttemptKey Attempt, Guid Uid, string? Detail) : AttemptStatus(Attempt, Uid);

/// <summary>Its command runs.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="At">When it started.</param>
/// <param name="Node">The node or machine.</param>
/// <param name="Evidence">How it can be found again (pid, start time, boot id), as JSON.</param>
public sealed record AttemptStarted(AttemptKey Attempt, Guid Uid, DateTimeOffset At, string? Node, string? Evidence)
    : AttemptStatus(Attempt, Uid);

/// <summary>Its command ended, and its outputs, if any, are staged.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="StartedAt">When it had started.</param>
/// <param name="Node">The node or machine.</param>
/// <param name="Exit">How it ended.</param>
public sealed record AttemptExited(AttemptKey Attempt, Guid Uid, DateTimeOffset StartedAt, string? Node, ExitReport Exit)
    : AttemptStatus(Attempt, Uid);

/// <summary>It is gone, and not by its own doing.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="At">When that was seen.</param>
/// <param name="Cause">Why, by evidence.</param>
/// <param name="Detail">In words.</param>
/// <param name="Evidence">What is known, as JSON.</param>
public sealed record AttemptLost(AttemptKey Attempt, Guid Uid, DateTimeOffset At, AttemptCause Cause, string Detail, string? Evidence)
    : AttemptStatus(Attempt, Uid);

/// <summary>It saved a checkpoint, which lies safe but is not recorded: its task waits until it is acknowledged.</summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Number">The growing number that the task wrote.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record CheckpointSaved(AttemptKey Attempt, Guid Uid, long Number, string Uri) : AttemptStatus(Attempt, Uid);

/// <summary>A backend cannot start an attempt.</summary>
public sealed class LaunchException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It stays so until somebody mends it (no such program, an undefined connection): trying again cannot help. Default: false.</summary>
    public bool Permanent { get; init; }
}
