using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Scheduling.Artifacts;

/// <summary>Reads what attempts staged. Thread-safe.</summary>
public interface IArtifactReader
{
    /// <summary>Opens an artifact or a large xcom for reading.</summary>
    /// <param name="uri">As its row has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArtifactException">It is not there, or the uri is not of this store.</exception>
    Task<Stream> OpenAsync(string uri, CancellationToken cancellation);
}

/// <summary>Reads and sweeps what attempts staged. Thread-safe.</summary>
public interface IArtifactStore : IArtifactReader
{
    /// <summary>The bytes that the store holds, referenced or not.</summary>
    Task<long> MeasureAsync(CancellationToken cancellation);

    /// <summary>
    /// Removes prefixes that are older than <paramref name="age"/> and that no row references; also what an interrupted write left.
    /// </summary>
    /// <param name="age">How long ago a prefix was last written to; 24 hours is the rule.</param>
    /// <param name="referenced">
    /// Which of some prefixes are pointed to by a row of <c>artifact</c>, <c>xcom</c> or <c>checkpoint</c>, or belong to an attempt that has not
    /// finished. Asked in chunks of at most 1,000.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    Task<SweepReport> SweepAsync(
        TimeSpan age,
        Func<IReadOnlyList<StoredPrefix>, CancellationToken, Task<IReadOnlySet<StoredPrefix>>> referenced,
        CancellationToken cancellation);
}

/// <summary>What one attempt stored at once: its outputs, or one of its checkpoints.</summary>
/// <param name="Dag">The DAG.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Checkpoint">The number of the checkpoint; null for outputs.</param>
public sealed record StoredPrefix(DagId Dag, AttemptKey Attempt, long? Checkpoint);

/// <summary>What a sweep did.</summary>
/// <param name="Removed">Prefixes removed.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record SweepReport(int Removed, long Bytes);

/// <summary>An artifact cannot be read; the message is for the user.</summary>
public sealed class ArtifactException(string message, Exception? inner = null) : Exception(message, inner);
