using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Engine;

/// <summary>The logs of attempts, record by record. Thread-safe.</summary>
internal interface ILogs
{
    /// <summary>Where a log lies: a path or an address.</summary>
    string Locate(DagId dag, AttemptKey attempt);

    /// <summary>The records that there are; none where there is no log.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="attempt">Whose.</param>
    /// <param name="tail">Only the last so many; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    IAsyncEnumerable<LogRecord> ReadAsync(DagId dag, AttemptKey attempt, int? tail, CancellationToken cancellation);

    /// <summary>The last records that there are, at most 100. Asked again it costs only what is new.</summary>
    Task<IReadOnlyList<LogRecord>> TailAsync(DagId dag, AttemptKey attempt, int count, CancellationToken cancellation);

    /// <summary>Logs of attempts that ended before this instant were removed; null: none were, or nobody knows.</summary>
    Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation);

    /// <summary>Why there is no log of an attempt: it is older than all that are kept; null when that is not the reason.</summary>
    async Task<string?> ExplainMissingAsync(Attempt attempt, CancellationToken cancellation) =>
        attempt.EndedAt is { } ended && ended < await ReadRemovedBeforeAsync(cancellation)
            ? $"the log of attempt {attempt.Key.Epoch} of {attempt.Key.Task.Label} was removed: logs are kept for a time after the end of their run, and that time is over"
            : null;
}

/// <summary>A record of a log with whose it is.</summary>
/// <param name="Attempt">Whose.</param>
/// <param name="Record">The record.</param>
internal sealed record LogLine(AttemptKey Attempt, LogRecord Record);
