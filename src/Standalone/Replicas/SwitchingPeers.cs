using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>
/// The coordinators as a host's API reaches them: here while this host is in charge, at the host in charge while that is another one, and
/// while it is nobody the command waits. Each carries a request id, so that it is done once however often it has to be given. Thread-safe.
/// </summary>
/// <param name="inCharge">The coordinators of this host while it is in charge; null while it is not.</param>
/// <param name="findActive">Where the host in charge is; null: nobody knows.</param>
/// <param name="link">How others are asked.</param>
/// <param name="newId">Names commands that come without a request id.</param>
/// <param name="time">Time.</param>
internal sealed class SwitchingPeers(
    Func<IPeers?> inCharge, Func<CancellationToken, Task<string?>> findActive, PeerLink link, Func<string> newId, TimeProvider time) : IPeers
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public IDag Dag(DagId dag) => new DagProxy(this, dag);

    public IDagRun Run(RunId run) => new RunProxy(this, run);

    public ITaskInstance Task(TaskKey task) => Here.Task(task);

    public IPool Pool(string pool) => new PoolProxy(this, pool);

    // What coordinators tell each other never leaves the host in charge.
    private IPeers Here => inCharge() ?? throw new FencedException("this host is not in charge");

    private async Task<TReply> AskAsync<TMessage, TReply>(
        string command, string key, TMessage given, Func<IPeers, TMessage, Task<TReply>> here, CancellationToken cancellation)
        where TMessage : UserCommand
        where TReply : class
    {
        var message = given.By.RequestId is null ? (TMessage)(given with { By = given.By with { RequestId = newId() } }) : given;
        while (true)
        {
            try
            {
                if (inCharge() is { } peers) return await here(peers, message);
                if (await findActive(cancellation) is { } address
                    && await link.AskAsync<TMessage, TReply>(address, command, key, message, cancellation) is { } reply) return reply;
            }
            catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
            {
                // whoever is in charge next is asked
            }

            await System.Threading.Tasks.Task.Delay(Pause, time, cancellation);
        }
    }

    // An engine that ends under a command cancels it.
    private static bool IsPassing(Exception failure) => failure is FencedException or OperationCanceledException
        or StoreException { Failure: StoreFailure.Fenced or StoreFailure.Unavailable or StoreFailure.Contention or StoreFailure.OutcomeUnknown };

    private sealed class DagProxy(SwitchingPeers peers, DagId dag) : IDag
    {
        public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.Apply, dag.Value, message, (here, command) => here.Dag(dag).ApplyAsync(command, cancellation), cancellation);

        public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.SetPaused, dag.Value, message, (here, command) => here.Dag(dag).SetPausedAsync(command, cancellation), cancellation);

        public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.Trigger, dag.Value, message, (here, command) => here.Dag(dag).TriggerAsync(command, cancellation), cancellation);

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => peers.Here.Dag(dag).RunEndedAsync(message, cancellation);

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => peers.Here.Dag(dag).RunReopenedAsync(message, cancellation);

        public Task WakeAsync(Wake message, CancellationToken cancellation) => peers.Here.Dag(dag).WakeAsync(message, cancellation);
    }

    private sealed class RunProxy(SwitchingPeers peers, RunId run) : IDagRun
    {
        public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) => peers.Here.Run(run).StartAsync(message, cancellation);

        public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) => peers.Here.Run(run).TaskFinishedAsync(message, cancellation);

        public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.Cancel, run.Value, message, (here, command) => here.Run(run).CancelAsync(command, cancellation), cancellation);

        public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.Clear, run.Value, message, (here, command) => here.Run(run).ClearAsync(command, cancellation), cancellation);

        public Task WakeAsync(Wake message, CancellationToken cancellation) => peers.Here.Run(run).WakeAsync(message, cancellation);
    }

    private sealed class PoolProxy(SwitchingPeers peers, string pool) : IPool
    {
        public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => peers.Here.Pool(pool).WaitAsync(message, cancellation);

        public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => peers.Here.Pool(pool).ReleasedAsync(message, cancellation);

        public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation) =>
            peers.AskAsync(PeerCommands.SetSlots, pool, message, (here, command) => here.Pool(pool).SetSlotsAsync(command, cancellation), cancellation);
    }
}
