using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>Hears that rows of a run have been committed. Called by the committer: it must return at once.</summary>
public interface IRunListener
{
    /// <summary>A row of the run may have changed, or how far its task says it is.</summary>
    /// <param name="row">That of a task instance, or the run's own.</param>
    void RowChanged(RowKey row);

    /// <summary>The history of the run may have grown.</summary>
    void HistoryGrew();

    /// <summary>Another host may have changed any of it.</summary>
    void OtherHostChanged();
}

/// <summary>
/// Tells those who watch a run that its rows have changed, as they are committed by this process or, where a <see cref="ChangeRelay"/> carries it, by
/// other hosts. It makes watching fast and is no promise: watchers also look by themselves now and then. Thread-safe.
/// </summary>
public sealed class RowChanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IRunListener[]> _listeners = new(StringComparer.Ordinal);
    private volatile bool _watched;
    private volatile ChangedRunsBacklog? _relay;

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

    /// <summary>From now on what is committed here is also to be told to other hosts.</summary>
    internal void RelayTo(ChangedRunsBacklog relay) => _relay = relay;

    /// <summary>Tells of a step that was committed, or may have been.</summary>
    internal void Tell(Step step)
    {
        var relay = _relay;
        if (!_watched && relay is null) return;
        foreach (var write in step.Writes)
        {
            switch (write)
            {
                case PutRow { Key: { Kind: RowKind.Run or RowKind.Task } row }:
                    relay?.Add(new RunId(row.Id));
                    Tell(row);
                    break;
                case AddHistory { Row.Run: { } run }:
                    relay?.Add(run);
                    foreach (var listener in Of(run.Value)) listener.HistoryGrew();
                    break;
            }
        }
    }

    /// <summary>Tells of what other hosts have committed.</summary>
    internal void TellOfOthers(ChangedRuns news)
    {
        if (!_watched) return;
        foreach (var listener in news.AreAll ? All() : news.Runs.SelectMany(run => Of(run.Value))) listener.OtherHostChanged();
    }

    /// <summary>Tells that a task instance has said how far it is.</summary>
    internal void TellOfProgress(RowKey task)
    {
        _relay?.Add(new RunId(task.Id));
        Tell(task);
    }

    private void Tell(RowKey row)
    {
        if (!_watched) return;
        foreach (var listener in Of(row.Id)) listener.RowChanged(row);
    }

    private IRunListener[] Of(string run)
    {
        lock (_lock) return _listeners.GetValueOrDefault(run, []);
    }

    private IRunListener[] All()
    {
        lock (_lock) return [.. _listeners.Values.SelectMany(listeners => listeners)];
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
