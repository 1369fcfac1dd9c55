using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>
/// How far the attempts of this process say they are. In memory: an entry goes with its attempt, and all of them with the process. Those who
/// watch a run hear of it. Thread-safe.
/// </summary>
/// <param name="changes">Told of it.</param>
public sealed class ProgressBoard(RowChanges changes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TaskKey, (int Epoch, TaskProgress Progress)> _entries = [];

    /// <summary>An attempt says how far it is.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="progress">How far; null: it has ended.</param>
    public void Set(AttemptKey attempt, TaskProgress? progress)
    {
        lock (_lock)
        {
            if (progress is not null) _entries[attempt.Task] = (attempt.Epoch, progress);
            else if (_entries.TryGetValue(attempt.Task, out var known) && known.Epoch == attempt.Epoch) _entries.Remove(attempt.Task);
        }

        // the row of one that has ended changes anyway
        if (progress is not null) changes.Tell(RowKey.Of(attempt.Task));
    }

    /// <summary>How far a task instance says it is; null when it does not run here, or has not said.</summary>
    public TaskProgress? Find(TaskInstance task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.State != TaskState.Running) return null;
        lock (_lock) return _entries.TryGetValue(task.Key, out var known) && known.Epoch == task.Epoch ? known.Progress : null;
    }

    /// <summary>A task instance with how far it is.</summary>
    public TaskDetail Of(TaskDetail task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Find(task.Task) is { } progress ? task with { Progress = progress } : task;
    }

    /// <summary>A run with how far its task instances are.</summary>
    public RunDetail Of(RunDetail run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var found = run.Tasks.Select(task => (task.Key, Progress: Find(task))).Where(entry => entry.Progress is not null).ToList();
        return found.Count == 0 ? run : run with { Progress = found.ToDictionary(entry => entry.Key, entry => entry.Progress!) };
    }
}
