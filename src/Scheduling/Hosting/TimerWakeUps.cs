using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>The timers of one process: one timer for the earliest of all wakes. Thread-safe.</summary>
internal sealed class TimerWakeUps : IWakeUps, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RowKey, (DateTimeOffset At, long Version)> _set = [];
    private readonly PriorityQueue<RowKey, DateTimeOffset> _byTime = new();
    private readonly TimeProvider _time;
    private readonly Action<RowKey, long> _wake;
    private readonly ITimer _timer;

    public TimerWakeUps(TimeProvider time, Action<RowKey, long> wake)
    {
        _time = time;
        _wake = wake;
        _timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set(RowKey row, DateTimeOffset? at, long version)
    {
        lock (_lock)
        {
            if (at is not { } instant)
            {
                _set.Remove(row);
                return;
            }

            var same = _set.TryGetValue(row, out var known) && known.At == instant;
            _set[row] = (instant, version);
            if (same) return;
            if (_byTime.Count > 2 * _set.Count + 64) Rebuild();
            else _byTime.Enqueue(row, instant);
            Arrange();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Ring()
    {
        var due = new List<(RowKey Row, long Version)>();
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            while (_byTime.TryPeek(out var row, out var at) && at <= now)
            {
                _byTime.Dequeue();
                if (_set.TryGetValue(row, out var set) && set.At == at)
                {
                    _set.Remove(row);
                    due.Add((row, set.Version));
                }
            }

            Arrange();
        }

        foreach (var (row, version) in due) _wake(row, version);
    }

    // Most of the queue is of wakes that were set anew since.
    private void Rebuild()
    {
        _byTime.Clear();
        _byTime.EnqueueRange(_set.Select(set => (set.Key, set.Value.At)));
    }

    private void Arrange()
    {
        // Entries that were set anew since lie in the queue twice; the older ones are worth nothing.
        while (_byTime.TryPeek(out var row, out var at) && !(_set.TryGetValue(row, out var set) && set.At == at)) _byTime.Dequeue();
        if (!_byTime.TryPeek(out _, out var next)) return;
        var wait = next - _time.GetUtcNow();
        // A timer rings early by up to a millisecond, and cannot wait for longer than 49 days.
        wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
    }
}
