using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using OrleansFlow.Cli.Logs;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Remote;

/// <summary>
/// The logs of a server as lines of a file: page by page, where an offset that was returned stands for the page after it. Thread-safe.
/// </summary>
internal sealed class RemoteLogs(FlowClient client) : ILogStore
{
    private readonly ConcurrentDictionary<AttemptKey, string> _places = new();
    private readonly ConcurrentDictionary<(AttemptKey Attempt, long Offset), string> _pages = new();

    /// <summary>Keeps where the server says that logs lie.</summary>
    public void Learn(IEnumerable<Wire.Attempt> attempts)
    {
        foreach (var attempt in attempts)
            if (attempt.LogUri.Length > 0) _places[ResourceNames.Attempt(attempt.Name)] = attempt.LogUri;
    }

    /// <inheritdoc/>
    public string Locate(DagId dag, AttemptKey attempt) => _places.GetValueOrDefault(
        attempt, string.Create(CultureInfo.InvariantCulture, $"flow logs {attempt.Task.Run} {attempt.Task.Task} --attempt {attempt.Epoch}"));

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) =>
        RunMapping.At((await client.GetSystemInfoAsync(cancellation)).LogsRemovedBeforeTime);

    /// <summary>A whole page, whatever the limit: a piece is what the server gives.</summary>
    public async Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation)
    {
        var token = offset == 0 ? null : _pages.GetValueOrDefault((attempt, offset));
        if (offset > 0 && token is null) return new LogPiece(default, offset);
        try
        {
            var page = await client.ListLogRecordsAsync(attempt, token, cancellation: cancellation);
            var bytes = Encoding.UTF8.GetBytes(string.Concat(page.LogRecords.Select(record => Line(record) + "\n")));
            var next = offset + bytes.Length;
            if (page.NextPageToken.Length > 0 && next > 0) _pages[(attempt, next)] = page.NextPageToken;
            else _pages.TryRemove((attempt, next), out _);
            return new LogPiece(bytes, next);
        }
        catch (FlowNotFoundException)
        {
            return new LogPiece(default, offset);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogPiece> FollowAsync(
        DagId dag, AttemptKey attempt, long offset, Task ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = new LogQuery
        {
            Run = attempt.Task.Run,
            Task = attempt.Task.Task,
            MapIndex = attempt.Task.IsMapped ? attempt.Task.MapIndex : null,
            Epoch = attempt.Epoch,
            Follow = true,
        };
        var at = 0L;
        await foreach (var record in client.StreamLogsAsync(query, cancellation))
        {
            var bytes = Encoding.UTF8.GetBytes(Line(record) + "\n");
            at += bytes.Length;
            if (at > offset) yield return new LogPiece(bytes, at);
        }
    }

    /// <summary>The last records of a log.</summary>
    public async Task<IReadOnlyList<LogRecord>> TailAsync(AttemptKey attempt, int count, CancellationToken cancellation)
    {
        try
        {
            return [.. (await client.ListLogRecordsAsync(attempt, tail: count, cancellation: cancellation)).LogRecords.Select(Read)];
        }
        catch (FlowNotFoundException)
        {
            return [];
        }
    }

    /// <summary>A record as commands show it.</summary>
    public static LogRecord Read(Wire.LogRecord record) => new(RunMapping.At(record.WriteTime), Source(record.Source), record.Continues, record.Text);

    private static string Line(Wire.LogRecord record) => Source(record.Source) is { } source && record.WriteTime is { } at
        ? $"{at.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {source}{(record.Continues ? "+" : "")} {record.Text}"
        : record.Text;

    private static string? Source(Wire.LogSource source) => source switch
    {
        Wire.LogSource.Stdout => "out",
        Wire.LogSource.Stderr => "err",
        Wire.LogSource.Flow => "flow",
        _ => null,
    };
}
