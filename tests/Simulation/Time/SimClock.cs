namespace OrleansFlow.Tests.Simulation.Time;

/// <summary>Virtual time as one host sees it; once the host is dead none of its timers rings.</summary>
internal sealed class SimClock(SimScheduler scheduler) : TimeProvider
{
    /// <summary>No timer rings any more.</summary>
    public bool Stopped { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan) throw new NotSupportedException("periodic timers");
        var timer = new SimTimer(this, scheduler, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of virtual time.</summary>
internal sealed class SimTimer(SimClock clock, SimScheduler scheduler, Action callback) : ITimer
{
    private long? _due;

    public bool IsDue(long at) => _due == at && !clock.Stopped;

    public void Ring()
    {
        if (_due is not { } due || due > scheduler.Now.UtcTicks || clock.Stopped) return;
        _due = null;
        callback();
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _due = dueTime == Timeout.InfiniteTimeSpan ? null : (scheduler.Now + dueTime).UtcTicks;
        if (_due is not null) scheduler.Arrange(this, scheduler.Now + dueTime);
        return true;
    }

    public void Dispose() => _due = null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
