using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Api.Watching;

/// <summary>Tells one reader that the history of a run may have grown, not more often than is of use. Thread-safe.</summary>
internal sealed class HistorySignal : IRunListener, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private const int Burst = 4;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private readonly TimeProvider _time;
    private readonly Pacing _pacing = new(Pace, Burst);
    private readonly IDisposable _listening;
    private readonly CancellationTokenRegistration _stopping;
    private volatile TaskCompletionSource _grown = NewSignal();

    public HistorySignal(ApiParts parts, RunId run, CancellationToken stopping)
    {
        _time = parts.Time;
        _listening = parts.Changes.Listen(run, this);
        _stopping = stopping.UnsafeRegister(static signal => ((HistorySignal)signal!).HistoryGrew(), this);
    }

    /// <summary>Completes with the next growth; taken before reading, so that nothing is missed.</summary>
    public Task Next => _grown.Task;

    /// <inheritdoc/>
    public void RowChanged(RowKey row)
    {
        // the history tells of it
    }

    /// <inheritdoc/>
    public void HistoryGrew() => Interlocked.Exchange(ref _grown, NewSignal()).TrySetResult();

    /// <summary>Returns when it is time to look again. For one reader at a time.</summary>
    public async Task WaitAsync(Task heard, CancellationToken cancellation)
    {
        await Task.WhenAny(heard, Task.Delay(LookEvery, _time, cancellation)).WaitAsync(cancellation);
        var rest = _pacing.Rest(_time.GetUtcNow());
        if (rest > TimeSpan.Zero) await Task.Delay(rest, _time, cancellation);
        _pacing.Done(_time.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listening.Dispose();
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
