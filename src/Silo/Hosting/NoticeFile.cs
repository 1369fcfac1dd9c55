namespace OrleansFlow.Silo.Hosting;

/// <summary>Waits for a file that tells that the machine is going away. Looks twice a second: files of mounts tell nobody that they came.</summary>
internal sealed class NoticeFile : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly ITimer? _timer;
    private int _seen;

    /// <summary>Begins to look.</summary>
    /// <param name="path">The file; null: there is none to wait for.</param>
    /// <param name="seen">Called once, when it is there.</param>
    /// <param name="time">Time.</param>
    public NoticeFile(string? path, Action seen, TimeProvider time)
    {
        if (path is null) return;
        _timer = time.CreateTimer(
            _ =>
            {
                if (File.Exists(path) && Interlocked.Exchange(ref _seen, 1) == 0) seen();
            },
            null, TimeSpan.Zero, LookEvery);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}
