using Orleans;
using Orleans.Services;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Grains.Abstractions.Attempts;

/// <summary>The attempts that run at one silo, for the others: the coordinator of a task may live elsewhere than its process.</summary>
[Alias("flow.attempts")]
public interface IAttemptHost : IGrainService
{
    /// <summary>See <see cref="IExecutionBackend.LaunchAsync"/>.</summary>
    Task<AttemptLaunched> LaunchAsync(LaunchAtHome message, CancellationToken cancellation);

    /// <summary>See <see cref="IExecutionBackend.StopAsync"/>.</summary>
    Task StopAsync(StopAtHome message, CancellationToken cancellation);

    /// <summary>See <see cref="IExecutionBackend.AcknowledgeCheckpointAsync"/>.</summary>
    Task AcknowledgeAsync(AcknowledgeAtHome message, CancellationToken cancellation);

    /// <summary>See <see cref="IExecutionBackend.ReleaseAsync"/>.</summary>
    Task ReleaseAsync(ReleaseAtHome message, CancellationToken cancellation);

    /// <summary>See <see cref="IExecutionBackend.ListAsync"/>.</summary>
    Task<AttemptsListed> ListAsync(ListAtHome message, CancellationToken cancellation);
}

/// <summary>An attempt to launch.</summary>
/// <param name="Plan">All that it needs.</param>
public sealed record LaunchAtHome(AttemptPlan Plan);

/// <summary>What became of it.</summary>
/// <param name="Problem">Why it cannot be started; null: it is launched.</param>
/// <param name="Permanent">See <see cref="LaunchException.Permanent"/>.</param>
public sealed record AttemptLaunched(string? Problem = null, bool Permanent = false);

/// <summary>An attempt to stop.</summary>
/// <param name="Attempt">Which.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Reason">Why.</param>
/// <param name="Grace">How long it may take.</param>
public sealed record StopAtHome(AttemptKey Attempt, Guid Uid, StopReason Reason, TimeSpan Grace);

/// <summary>A checkpoint that is recorded.</summary>
/// <param name="Attempt">Whose.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="Number">The checkpoint's.</param>
public sealed record AcknowledgeAtHome(AttemptKey Attempt, Guid Uid, long Number);

/// <summary>An attempt whose end is recorded.</summary>
/// <param name="Attempt">Which.</param>
/// <param name="Uid">Its identity.</param>
public sealed record ReleaseAtHome(AttemptKey Attempt, Guid Uid);

/// <summary>Everything is asked for.</summary>
public sealed record ListAtHome;

/// <summary>What is there.</summary>
/// <param name="Statuses">The last of an attempt is its state.</param>
public sealed record AttemptsListed(IReadOnlyList<AttemptStatus> Statuses);
