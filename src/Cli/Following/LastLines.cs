using System.Collections.Concurrent;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Following;

/// <summary>
/// The last line of each log that is looked at, read beside the drawing: neither a long log nor a server that is away holds it up. Thread-safe.
/// </summary>
internal sealed class LastLines(ILogs logs, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Of these the last that is not empty is shown.</summary>
    private const int Looked = 5;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<AttemptKey, string> _lines = new();
    private volatile IReadOnlyList<(DagId Dag, AttemptKey Attempt)> _wanted = [];
    private Task _reading = Task.CompletedTask;

    /// <summary>The last line of a log; null: there is none, or it cannot be read now.</summary>
    public string? Of(AttemptKey attempt) => _lines.GetValueOrDefault(attempt);

    /// <summary>These are looked at from now on.</summary>
    public void Want(IReadOnlyList<(DagId Dag, AttemptKey Attempt)> attempts) => _wanted = attempts;

    /// <summary>Reads again and again, until it is disposed.</summary>
    public void Start() => _reading = Task.Run(RunAsync);

    /// <summary>Reads what is looked at once.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        foreach (var (dag, attempt) in _wanted)
        {
            if (await TryReadAsync(dag, attempt, cancellation) is { } line) _lines[attempt] = line;
            else _lines.TryRemove(attempt, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await ReadAsync(_stop.Token);
                await Task.Delay(LookEvery, time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // nobody looks any more
        }
    }

    private async Task<string?> TryReadAsync(DagId dag, AttemptKey attempt, CancellationToken cancellation)
    {
        try
        {
            var last = await logs.TailAsync(dag, attempt, Looked, cancellation);
            return last.LastOrDefault(record => !string.IsNullOrWhiteSpace(record.Text))?.Plain;
        }
#pragma warning disable CA1031 // a line that is missing ends nothing: whatever is wrong shows where it matters
        catch (Exception away) when (away is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
