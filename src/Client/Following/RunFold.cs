using System.Collections.Immutable;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Client.Following;

/// <summary>
/// Lays the messages of a watched run over one another. What belongs together but came in parts counts when all of it is there: a
/// connection that breaks off in between leaves what was known before. Not thread-safe.
/// </summary>
internal sealed class RunFold
{
    private ImmutableDictionary<string, TaskInstance> _tasks = ImmutableDictionary<string, TaskInstance>.Empty;
    private Run? _run;
    private Pending? _pending;

    private sealed record Pending(Run? Run, ImmutableDictionary<string, TaskInstance>.Builder Tasks, List<TaskInstance> Changed);

    /// <summary>Where to go on; empty before the first snapshot.</summary>
    public string Cursor { get; private set; } = "";

    /// <summary>Whether the run has ended, as far as is known.</summary>
    public bool IsFinished => _run?.State.IsFinished() == true;

    /// <summary>Goes on with a whole snapshot. False: there is no cursor to forget.</summary>
    public bool ForgetCursor()
    {
        var had = Cursor.Length > 0;
        Cursor = "";
        return had;
    }

    /// <summary>A new connection: parts of the one before count no more.</summary>
    public void Begin() => _pending = null;

    /// <summary>The run as it is with a message; null while parts of it are still to come.</summary>
    public RunSnapshot? Apply(WatchRunResponse message)
    {
        var pending = message.Snapshot || _pending is null ? Start(message.Snapshot) : _pending;
        foreach (var task in message.ChangedTasks)
        {
            if (pending.Tasks.TryGetValue(task.Name, out var known) && known.Version > task.Version) continue;
            pending.Tasks[task.Name] = task;
            pending.Changed.Add(task);
        }

        _pending = pending with { Run = message.Run ?? pending.Run };
        if (message.More || _pending.Run is null) return null;
        (_run, _tasks) = (_pending.Run, _pending.Tasks.ToImmutable());
        if (message.Cursor.Length > 0) Cursor = message.Cursor;
        _pending = null;
        return new RunSnapshot { Run = _run, Tasks = _tasks, Changed = pending.Changed, Cursor = Cursor };
    }

    private Pending Start(bool anew) => anew
        ? new Pending(null, ImmutableDictionary.CreateBuilder<string, TaskInstance>(), [])
        : new Pending(_run, _tasks.ToBuilder(), []);
}
