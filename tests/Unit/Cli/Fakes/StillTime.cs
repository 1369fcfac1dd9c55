namespace OrleansFlow.Tests.Unit.Cli.Fakes;

/// <summary>A clock that stands still; whoever asks for a wait is told at once that it is over, and has waited that long.</summary>
internal sealed class StillTime(DateTimeOffset now) : TimeProvider
{
    private long _waited;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => Interlocked.Read(ref _waited);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan) return new Elapsed();
        Interlocked.Add(ref _waited, dueTime.Ticks);
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Elapsed();
    }

    private sealed class Elapsed : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
