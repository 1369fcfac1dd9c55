using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>
/// Writes how far the attempts of this host say they are to where every host reads it, then tells those who watch their runs. Behind the attempts and
/// never in their way: of what one says before it could be written, the last counts. Thread-safe.
/// </summary>
/// <param name="rows">Where it is read.</param>
/// <param name="changes">Told of what has been written.</param>
/// <param name="observer">Hears of defects.</param>
/// <param name="time">Time.</param>
public sealed class ProgressRelay(IProgressRows rows, RowChanges changes, IEngineObserver observer, TimeProvider time)
{
    /// <summary>The shortest time between two writes of this host. 100 ms.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Backlog _backlog = new();

    /// <summary>An attempt says how far it is.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="progress">How far; null: it has ended.</param>
    public void Set(AttemptKey attempt, TaskProgress? progress) => _backlog.Add(new AttemptProgress(attempt, progress));

    /// <summary>Writes until it is cancelled; first it takes out what hosts that died have left. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var carrier = new Carrier("keeping how far tasks are", Pace, observer, time);
        await carrier.TryAsync(() => rows.PruneAsync(cancellation), cancellation);
        await carrier.CarryAsync(_backlog, news => WriteAsync(news, cancellation), cancellation);
    }

    private async Task WriteAsync(IReadOnlyList<AttemptProgress> news, CancellationToken cancellation)
    {
        await rows.WriteAsync(news, cancellation);
        // the row of one that has ended changes anyway
        foreach (var said in news.Where(said => said.Progress is not null)) changes.TellOfProgress(RowKey.Of(said.Attempt.Task));
    }

    /// <summary>What attempts have said since it was written last. Those that never say anything leave nothing here.</summary>
    private sealed class Backlog : IBacklog<IReadOnlyList<AttemptProgress>>
    {
        private readonly Lock _lock = new();
        private readonly SortedDictionary<TaskKey, AttemptProgress> _news = [];
        private readonly Dictionary<TaskKey, int> _known = [];
        private TaskCompletionSource _signal = NewSignal();

        public Task News
        {
            get
            {
                lock (_lock) return _signal.Task;
            }
        }

        public void Add(AttemptProgress said)
        {
            var ((task, epoch), ended) = (said.Attempt, said.Progress is null);
            lock (_lock)
            {
                var known = _known.GetValueOrDefault(task);
                if (ended ? known != epoch : known > epoch) return;
                if (ended) _known.Remove(task);
                else _known[task] = epoch;
                _news[task] = said;
                _signal.TrySetResult();
            }
        }

        public IReadOnlyList<AttemptProgress> Take()
        {
            lock (_lock)
            {
                IReadOnlyList<AttemptProgress> taken = [.. _news.Values];
                _news.Clear();
                _signal = NewSignal();
                return taken;
            }
        }

        public void PutBack(IReadOnlyList<AttemptProgress> taken)
        {
            lock (_lock)
            {
                foreach (var said in taken) _news.TryAdd(said.Attempt.Task, said);
                _signal.TrySetResult();
            }
        }

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
