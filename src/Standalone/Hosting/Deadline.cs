namespace OrleansFlow.Standalone.Hosting;

/// <summary>A moment by which several things, one after the other, must be over. What one does not use is left to the next. Thread-safe.</summary>
/// <param name="length">How long it is from now.</param>
/// <param name="time">Time.</param>
internal sealed class Deadline(TimeSpan length, TimeProvider time)
{
    /// <summary>
    /// From when a host is told to leave until it waits for nothing any more: of the 10 s that are promised the process itself needs a little, and
    /// up to a second when a PostgreSQL that hangs keeps its threads.
    /// </summary>
    public static readonly TimeSpan Drain = TimeSpan.FromSeconds(9);

    private readonly long _began = time.GetTimestamp();

    /// <summary>What is left now, less what is kept for what comes afterwards. Never negative.</summary>
    public TimeSpan LeftBut(TimeSpan kept)
    {
        var left = length - kept - time.GetElapsedTime(_began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Waits for work that may outlast it.</summary>
    /// <param name="work">The work; it goes on when it is not waited for any longer.</param>
    /// <param name="kept">What is kept for what comes afterwards.</param>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    public Task WaitAsync(Task work, TimeSpan kept) => work.WaitAsync(LeftBut(kept), time);
}
