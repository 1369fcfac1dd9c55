using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Remote;

/// <summary>The logs of a server, page by page. Thread-safe.</summary>
internal sealed class RemoteLogs(FlowClient client) : ILogs
{
    private readonly ConcurrentDictionary<AttemptKey, string> _places = new();

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

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadAsync(DagId dag, AttemptKey attempt, int? tail, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // of an attempt that still runs there is always a next page: an empty one ends it
        for (string? token = null; await TryPageAsync(attempt, token, token is null ? tail : null, cancellation) is { LogRecords.Count: > 0 } page; token = page.NextPageToken)
        {
            foreach (var record in page.LogRecords) yield return Read(record);
            if (page.NextPageToken.Length == 0) yield break;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogRecord>> TailAsync(DagId dag, AttemptKey attempt, int count, CancellationToken cancellation) =>
        await TryPageAsync(attempt, null, count, cancellation) is { } page ? [.. page.LogRecords.Select(Read)] : [];

    /// <summary>A record as commands show it.</summary>
    public static LogRecord Read(Wire.LogRecord record) => new(RunMapping.At(record.WriteTime), Source(record.Source), record.Continues, record.Text);

    private async Task<Wire.ListLogRecordsResponse?> TryPageAsync(AttemptKey attempt, string? token, int? tail, CancellationToken cancellation)
    {
        try
        {
            return await client.ListLogRecordsAsync(attempt, token, tail, cancellation);
        }
        catch (FlowNotFoundException)
        {
            return null;
        }
    }

    private static string? Source(Wire.LogSource source) => source switch
    {
        Wire.LogSource.Stdout => "out",
        Wire.LogSource.Stderr => "err",
        Wire.LogSource.Flow => "flow",
        _ => null,
    };
}
