using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.TaskRuntime.Progress;

/// <summary>Passes on how far a task says it is, at most once a second: of several within a second the last counts. Thread-safe.</summary>
/// <param name="tell">Takes what is passed on; called in order, and must return at once.</param>
/// <param name="time">The time of stamps and waits.</param>
public sealed class ProgressPace(Action<TaskProgress> tell, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private TaskProgress? _waiting;
    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;
    private bool _closed;

    /// <summary>What is wrong with a report; null when it is fine.</summary>
    public static (string Field, string Problem)? Problem(double? fraction, string message) =>
        fraction is { } part && part is not (>= 0 and <= 1) ? ("progress.fraction", FormattableString.Invariant($"it is {part}, not a part from 0 to 1"))
        : message.Length > TaskProgress.LongestMessage ? ("progress.message", $"it has {message.Length} characters, at most {TaskProgress.LongestMessage} are allowed")
        : null;

    /// <summary>The task says how far it is.</summary>
    public void Report(double? fraction, string message)
    {
        lock (_lock)
        {
            if (_closed) return;
            var now = time.GetUtcNow();
            var waits = _waiting is not null;
            _waiting = new TaskProgress(fraction, OneLine(message), now);
            if (waits) return;
            if (now - _toldAt >= Pace) Tell(now);
            else _ = TellLaterAsync(_toldAt + Pace - now);
        }
    }

    /// <summary>Nothing is passed on any more.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
    }

    private async Task TellLaterAsync(TimeSpan rest)
    {
        await Task.Delay(rest, time);
        lock (_lock)
            if (!_closed)
                Tell(time.GetUtcNow());
    }

    private void Tell(DateTimeOffset now)
    {
        var progress = _waiting!;
        (_waiting, _toldAt) = (null, now);
        tell(progress);
    }

    private static string OneLine(string message) =>
        string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '\uFFFD' : c)).Trim();
}
