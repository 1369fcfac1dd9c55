using System.Collections.Concurrent;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Cli.Embedded;

/// <summary>The logs of this machine's store. Thread-safe.</summary>
internal sealed class LocalLogs(ILogStore logs) : ILogs
{
    private const int MostKept = 100;
    private readonly ConcurrentDictionary<AttemptKey, Tail> _tails = new();

    /// <inheritdoc/>
    public string Locate(DagId dag, AttemptKey attempt) => logs.Locate(dag, attempt);

    /// <inheritdoc/>
    public IAsyncEnumerable<LogRecord> ReadAsync(DagId dag, AttemptKey attempt, int? tail, CancellationToken cancellation)
    {
        var records = new LogReader(logs, dag, attempt).ReadAsync(ended: true, cancellation);
        return tail is { } count ? records.TakeLast(count) : records;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<LogRecord>> TailAsync(DagId dag, AttemptKey attempt, int count, CancellationToken cancellation) =>
        _tails.GetOrAdd(attempt, _ => new Tail(new LogReader(logs, dag, attempt))).ReadAsync(count, cancellation);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => logs.ReadRemovedBeforeAsync(cancellation);

    /// <summary>The end of one log: read on from where it ended the time before.</summary>
    private sealed class Tail(LogReader reader)
    {
        private readonly Lock _lock = new();
        private readonly Queue<LogRecord> _last = [];
        private Task<IReadOnlyList<LogRecord>> _before = Task.FromResult<IReadOnlyList<LogRecord>>([]);

        /// <summary>Readers take turns.</summary>
        public Task<IReadOnlyList<LogRecord>> ReadAsync(int count, CancellationToken cancellation)
        {
            lock (_lock) return _before = ReadAfterAsync(_before, count, cancellation);
        }

        private async Task<IReadOnlyList<LogRecord>> ReadAfterAsync(Task before, int count, CancellationToken cancellation)
        {
            await Task.WhenAny(before);
            await foreach (var record in reader.ReadAsync(ended: false, cancellation))
            {
                _last.Enqueue(record);
                if (_last.Count > MostKept) _last.Dequeue();
            }

            return [.. (reader.Unfinished is { } rest ? _last.Append(rest) : _last).TakeLast(count)];
        }
    }
}
