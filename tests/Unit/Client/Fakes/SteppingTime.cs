namespace OrleansFlow.Tests.Unit.Client.Fakes;

/// <summary>Time that takes one step with every wait; what waits is told at once. Thread-safe.</summary>
internal sealed class SteppingTime(TimeSpan step) : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _ticks;

    public override DateTimeOffset GetUtcNow() => s_start.AddTicks(Interlocked.Read(ref _ticks));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Interlocked.Add(ref _ticks, step.Ticks);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

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
