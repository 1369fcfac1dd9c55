using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Api.Attempts;

/// <summary>
/// An attempt as a caller: whoever serves its address sets one as a feature of each of its connections. All connections of an attempt share it,
/// since they share its pace: a program that calls in a loop is slowed down, so that it costs the others nothing. Thread-safe.
/// </summary>
/// <param name="desk">What it may do.</param>
/// <param name="time">The time of the pace.</param>
public sealed class AttemptCaller(IAttemptDesk desk, TimeProvider time)
{
    /// <summary>How many calls a second are answered without delay.</summary>
    public const int CallsPerSecond = 200;

    private static readonly TimeSpan Cost = TimeSpan.FromSeconds(1) / CallsPerSecond;
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private DateTimeOffset _paidTo;

    /// <summary>What it may do.</summary>
    public IAttemptDesk Desk { get; } = desk;

    /// <summary>Waits until the next call is due.</summary>
    public async Task PaceAsync(CancellationToken cancellation)
    {
        TimeSpan early;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            _paidTo = (_paidTo < now - Burst ? now - Burst : _paidTo) + Cost;
            early = _paidTo - now;
        }

        if (early > TimeSpan.Zero) await Task.Delay(early, time, cancellation);
    }
}
