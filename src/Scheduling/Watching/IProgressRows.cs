using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>
/// Where the hosts of one database keep how far running attempts say they are, for whoever reads their task instances. Hints: they may be lost, and
/// only the attempt that runs is believed.
/// </summary>
public interface IProgressRows
{
    /// <summary>Keeps what attempts have said, and forgets those that have ended. What an earlier attempt says replaces nothing of a later one.</summary>
    /// <param name="news">One of each task instance.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StoreException">They cannot be reached; maybe some are kept.</exception>
    Task WriteAsync(IReadOnlyList<AttemptProgress> news, CancellationToken cancellation);

    /// <summary>Forgets what attempts said that do not run any more.</summary>
    /// <exception cref="StoreException">They cannot be reached.</exception>
    Task PruneAsync(CancellationToken cancellation);
}

/// <summary>What an attempt has said.</summary>
/// <param name="Attempt">Which.</param>
/// <param name="Progress">How far it is; null: it has ended.</param>
public sealed record AttemptProgress(AttemptKey Attempt, TaskProgress? Progress);
