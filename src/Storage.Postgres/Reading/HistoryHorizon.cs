namespace OrleansFlow.Storage.Postgres.Reading;

/// <summary>
/// How far the history is settled. Numbers are given before the commit, so a transaction that is slow may put an event behind those that
/// others have read. What was given by some moment is settled as soon as every transaction that had begun by then has ended. Thread-safe.
/// </summary>
internal sealed class HistoryHorizon
{
    private const int MostMarks = 64;
    private readonly Lock _lock = new();
    private readonly Queue<(long Sequence, long Next)> _marks = new();
    private long _settled;

    /// <summary>Takes note of a moment, and says what is settled by it.</summary>
    /// <param name="last">The greatest number that had been given before the snapshot.</param>
    /// <param name="oldest">The oldest transaction that the snapshot sees at work.</param>
    /// <param name="next">The transaction that none had been given by then.</param>
    public long Advance(long last, long oldest, long next)
    {
        lock (_lock)
        {
            if (oldest >= next) _settled = Math.Max(_settled, last);
            else if (_marks.Count < MostMarks) _marks.Enqueue((last, next));
            // A later snapshot may be asked about before an earlier one: what is settled stays so.
            while (_marks.TryPeek(out var mark) && oldest >= mark.Next) _settled = Math.Max(_settled, _marks.Dequeue().Sequence);
            return _settled;
        }
    }
}
