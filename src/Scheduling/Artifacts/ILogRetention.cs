using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Scheduling.Artifacts;

/// <summary>Removes logs whose time is over. Thread-safe.</summary>
public interface ILogRetention
{
    /// <summary>
    /// Removes the logs of runs that ended before an instant, and remembers that instant first: from then on
    /// <see cref="ILogStore.ReadRemovedBeforeAsync"/> tells it.
    /// </summary>
    /// <param name="before">The instant.</param>
    /// <param name="ended">Which of some runs ended before it; of those that nobody knows, logs stay. Asked in chunks of at most 1,000.</param>
    /// <param name="cancellation">Gives up between runs.</param>
    Task<SweepReport> RemoveAsync(
        DateTimeOffset before,
        Func<IReadOnlyList<RunId>, CancellationToken, Task<IReadOnlySet<RunId>>> ended,
        CancellationToken cancellation);
}
