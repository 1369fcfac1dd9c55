namespace OrleansFlow.Cli.Following;

/// <summary>What is said while somebody draws on the terminal. Thread-safe.</summary>
internal sealed class NoticeBoard
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _next = NewSource();
    private int _seen;

    /// <summary>All of it.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock) return [.. _lines];
        }
    }

    /// <summary>The newest; null: nothing was said.</summary>
    public string? Last
    {
        get
        {
            lock (_lock) return _lines.Count == 0 ? null : _lines[^1];
        }
    }

    /// <summary>Something is said.</summary>
    public void Put(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            _next.TrySetResult();
        }
    }

    /// <summary>Completes when something is said that was not there when this was asked the time before.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
            if (_lines.Count > _seen) _next.TrySetResult();
            else if (_next.Task.IsCompleted) _next = NewSource();
            _seen = _lines.Count;
            return _next.Task;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
