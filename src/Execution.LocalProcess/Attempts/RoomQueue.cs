namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>
/// The attempts that wait for room on the host's disk, before their start or with their outputs. People are told when the first one has to
/// wait, and when there is room again. Thread-safe.
/// </summary>
/// <param name="options">How often to look, and who is told.</param>
/// <param name="time">The time of waits.</param>
internal sealed class RoomQueue(LocalProcessOptions options, TimeProvider time)
{
    private const int LongestPause = 30;
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _waiting = [];

    /// <summary>An attempt has to wait. False: it waits already.</summary>
    public bool Join(Guid attempt, string why)
    {
        bool first;
        lock (_lock)
        {
            if (!_waiting.Add(attempt)) return false;
            first = _waiting.Count == 1;
        }

        if (first) Tell(why);
        return true;
    }

    /// <summary>An attempt waits no longer, if it did.</summary>
    /// <param name="attempt">Its uid.</param>
    /// <param name="thereIsRoom">False: it gave up.</param>
    public void Leave(Guid attempt, bool thereIsRoom)
    {
        lock (_lock)
            if (!_waiting.Remove(attempt) || _waiting.Count > 0 || !thereIsRoom)
                return;
        options.Notice("There is room on the disk again: what waited for it goes on.");
    }

    /// <summary>Waits before the next look.</summary>
    /// <param name="failures">How often the disk was found full by writing to it, which costs more than asking: waits grow with it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PauseAsync(int failures, Task stop, CancellationToken cancellation)
    {
        var times = Math.Min(LongestPause, 1 << Math.Clamp(failures - 1, 0, 8));
        await Task.WhenAny(stop, Task.Delay(options.RoomEvery * times, time, cancellation));
        cancellation.ThrowIfCancellationRequested();
    }

    private void Tell(string why) =>
        options.Notice($"{char.ToUpperInvariant(why[0])}{why[1..]}. Free some space there; what waits goes on by itself.");
}
