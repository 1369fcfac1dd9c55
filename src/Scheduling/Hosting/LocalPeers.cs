using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>All coordinators of one process: created when first spoken to, dropped when they have nothing left to do. Thread-safe.</summary>
internal sealed class LocalPeers(IMailboxes mailboxes, Func<RowKey, Coordinator> create) : IPeers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RowKey, Coordinator> _live = [];

    /// <summary>How many coordinators are in memory.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _live.Count;
        }
    }

    public IDag Dag(DagId dag) => new DagProxy(this, RowKey.Of(dag));

    public IDagRun Run(RunId run) => new RunProxy(this, RowKey.Of(run));

    public ITaskInstance Task(TaskKey task) => new TaskProxy(this, RowKey.Of(task));

    public IPool Pool(string pool) => new PoolProxy(this, RowKey.OfPool(pool));

    /// <summary>Wakes whoever owns a row.</summary>
    public Task WakeAsync(RowKey row, long? version, CancellationToken cancellation) => row.Kind switch
    {
        RowKind.Dag => Dag(new DagId(row.Id)).WakeAsync(new Wake(version), cancellation),
        RowKind.Run => Run(new RunId(row.Id)).WakeAsync(new Wake(version), cancellation),
        RowKind.Task => Task(row.AsTask()).WakeAsync(new Wake(version), cancellation),
        _ => Pool(row.Id).ReleasedAsync(new SlotsReleased(0), cancellation),
    };

    private Task<T> AskAsync<T>(RowKey row, Func<Coordinator, Task<T>> call) => mailboxes.RunAsync(row, () => call(FindOrCreate(row)));

    private Task<bool> TellAsync(RowKey row, Func<Coordinator, Task> call) => AskAsync(row, async coordinator =>
    {
        await call(coordinator);
        return true;
    });

    private Coordinator FindOrCreate(RowKey row)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(row, out var known)) return known;
            var coordinator = _live[row] = create(row);
            coordinator.WentIdle = () =>
            {
                if (coordinator.IsIdle && coordinator.IsFinished) Drop(row, coordinator);
            };
            return coordinator;
        }
    }

    private void Drop(RowKey row, Coordinator coordinator)
    {
        lock (_lock)
            if (_live.TryGetValue(row, out var known) && known == coordinator) _live.Remove(row);
    }

    private sealed class DagProxy(LocalPeers peers, RowKey row) : IDag
    {
        public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDag)to).ApplyAsync(message, cancellation));

        public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDag)to).SetPausedAsync(message, cancellation));

        public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDag)to).TriggerAsync(message, cancellation));

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IDag)to).RunEndedAsync(message, cancellation));

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IDag)to).RunReopenedAsync(message, cancellation));

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IDag)to).WakeAsync(message, cancellation));
    }

    private sealed class RunProxy(LocalPeers peers, RowKey row) : IDagRun
    {
        public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDagRun)to).StartAsync(message, cancellation));

        public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IDagRun)to).TaskFinishedAsync(message, cancellation));

        public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDagRun)to).CancelAsync(message, cancellation));

        public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IDagRun)to).ClearAsync(message, cancellation));

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IDagRun)to).WakeAsync(message, cancellation));
    }

    private sealed class TaskProxy(LocalPeers peers, RowKey row) : ITaskInstance
    {
        public Task DispatchAsync(Dispatch message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((ITaskInstance)to).DispatchAsync(message, cancellation));

        public Task<AdmitReply> AdmitAsync(Admit message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((ITaskInstance)to).AdmitAsync(message, cancellation));

        public Task ObserveAsync(AttemptStatus message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((ITaskInstance)to).ObserveAsync(message, cancellation));

        public Task CancelAsync(CancelTask message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((ITaskInstance)to).CancelAsync(message, cancellation));

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((ITaskInstance)to).WakeAsync(message, cancellation));
    }

    private sealed class PoolProxy(LocalPeers peers, RowKey row) : IPool
    {
        public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IPool)to).WaitAsync(message, cancellation));

        public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) =>
            peers.TellAsync(row, to => ((IPool)to).ReleasedAsync(message, cancellation));

        public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation) =>
            peers.AskAsync(row, to => ((IPool)to).SetSlotsAsync(message, cancellation));
    }
}
