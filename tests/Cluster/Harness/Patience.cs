namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>The system's time, which remembers for how long who asked it for an end was willing to wait. Thread-safe.</summary>
internal sealed class Patience : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _asked = [];

    /// <summary>For how long, each time.</summary>
    public IReadOnlyList<TimeSpan> Asked
    {
        get
        {
            lock (_lock) return [.. _asked];
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Not what happens every so often.
        if (state is CancellationTokenSource)
            lock (_lock) _asked.Add(dueTime);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
