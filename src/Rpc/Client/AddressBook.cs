namespace OrleansFlow.Rpc.Client;

/// <summary>
/// Which of several addresses to use: the one that worked last; while that rests after a failure, the next one; while all rest, the one that is
/// rested first. Rests double with each failure in a row, up to a limit, and vary by a fifth so that clients do not return together.
/// What fails while an address rests had begun before, and is the same failure. Thread-safe.
/// </summary>
/// <param name="count">How many addresses there are.</param>
/// <param name="initial">The first rest.</param>
/// <param name="longest">The longest rest.</param>
/// <param name="chance">Numbers from 0 to 1.</param>
internal sealed class AddressBook(int count, TimeSpan initial, TimeSpan longest, Func<double> chance)
{
    private readonly Lock _lock = new();
    private readonly (int Failures, DateTimeOffset RestsUntil)[] _entries = new (int, DateTimeOffset)[count];
    private volatile int _preferred;

    /// <summary>The address for an attempt now, and how long it should rest before.</summary>
    public (int Index, TimeSpan Wait) Pick(DateTimeOffset now)
    {
        lock (_lock)
        {
            var best = _preferred;
            for (var i = 0; i < count; i++)
            {
                var index = (_preferred + i) % count;
                if (_entries[index].RestsUntil <= now) return (index, TimeSpan.Zero);
                if (_entries[index].RestsUntil < _entries[best].RestsUntil) best = index;
            }

            return (best, _entries[best].RestsUntil - now);
        }
    }

    public void Worked(int index)
    {
        if (_preferred == index && _entries[index].Failures == 0) return;
        lock (_lock)
        {
            _preferred = index;
            _entries[index] = default;
        }
    }

    public void Failed(int index, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_entries[index].RestsUntil > now) return;
            var failures = _entries[index].Failures + 1;
            var rest = Math.Min(longest.TotalMilliseconds, initial.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
            _entries[index] = (failures, now + TimeSpan.FromMilliseconds(rest * (0.8 + 0.4 * chance())));
        }
    }
}
