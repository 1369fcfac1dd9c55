using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>Hears which rows of a run have been committed by this process. Called by the committer: it must return at once.</summary>
public interface IRunListener
{
    /// <summary>A row of the run may have changed, or how far its task says it is.</summary>
    /// <param name="row">That of a task instance, or the run's own.</param>
    void RowChanged(RowKey row);

    /// <summary>The history of the run may have grown.</summary>
    void HistoryGrew();
}

/// <summary>
/// Tells those who watch a run that its rows have changed, as they are committed. It makes watching fast and is no promise: other processes
/// commit too, so watchers also look by themselves now and then. Costs nothing while nobody watches. Thread-safe.
/// </summary>
public sealed class RowChanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IRunListener[]> _listeners = new(StringComparer.Ordinal);
    private volatile bool _watched;

    /// <summary>Listens to a run until it is disposed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="listener">Who hears.</param>
    public IDisposable Listen(RunId run, IRunListener listener)
    {
        lock (_lock)
        {
            _listeners[run.Value] = [.. _listeners.GetValueOrDefault(run.Value, []), listener];
            _watched = true;
        }

        return new Subscription(this, run.Value, listener);
    }

    /// <summary>Tells of a step that was committed, or may have been.</summary>
    internal void Tell(Step step)
    {
        if (!_watched) return;
        foreach (var write in step.Writes)
        {
            switch (write)
            {
                case PutRow { Key: { Kind: RowKind.Run or RowKind.Task } row }:
                    Tell(row);
                    break;
                case AddHistory { Row.Run: { } run }:
                    foreach (var listener in Of(run.Value)) listener.HistoryGrew();
                    break;
            }
        }
    }

    /// <summary>Tells that there is news of a row.</summary>
    internal void Tell(RowKey row)
    {
        if (!_watched) return;
        foreach (var listener in Of(row.Id)) listener.RowChanged(row);
    }

    private IRunListener[] Of(string run)
    {
        lock (_lock) return _listeners.GetValueOrDefault(run, []);
    }

    private void Remove(string run, IRunListener listener)
    {
        lock (_lock)
        {
            IRunListener[] left = [.. _listeners.GetValueOrDefault(run, []).Where(other => other != listener)];
            if (left.Length == 0) _listeners.Remove(run);
            else _listeners[run] = left;
            _watched = _listeners.Count > 0;
        }
    }

    private sealed class Subscription(RowChanges changes, string run, IRunListener listener) : IDisposable
    {
        public void Dispose() => changes.Remove(run, listener);
    }
}
