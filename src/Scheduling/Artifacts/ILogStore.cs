using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Scheduling.Artifacts;

/// <summary>
/// Reads the logs of attempts: UTF-8, one record per line: <c>2024-01-01T00:00:00.123Z out text</c>, where <c>out</c>, <c>err</c> or
/// <c>flow</c> says who speaks, and <c>out+</c>, <c>err+</c> go on the line before. Thread-safe.
/// </summary>
public interface ILogStore
{
    /// <summary>Where the log of an attempt lies, for people: a path or a uri. It need not exist.</summary>
    string Locate(DagId dag, AttemptKey attempt);

    /// <summary>What there is from an offset on; empty when there is no more, or no log at all.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="offset">In bytes from the beginning.</param>
    /// <param name="limit">The most bytes to return; the last record may then be cut.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation);

    /// <summary>The instant before which runs have ended whose logs were removed, their time being over; null: none were.</summary>
    Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation);

    /// <summary>What there is and what comes, from an offset on, in pieces that are never empty.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="offset">In bytes from the beginning.</param>
    /// <param name="ended">Completes when the attempt has ended: then the rest is read, and the enumeration ends.</param>
    /// <param name="cancellation">Gives up.</param>
    IAsyncEnumerable<LogPiece> FollowAsync(DagId dag, AttemptKey attempt, long offset, Task ended, CancellationToken cancellation);
}

/// <summary>A part of a log.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Next">The offset of what follows.</param>
public sealed record LogPiece(ReadOnlyMemory<byte> Bytes, long Next);
