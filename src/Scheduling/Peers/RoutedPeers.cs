using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>Peers of which each call goes one way: whoever derives says how the owner of a row is found and asked. Thread-safe.</summary>
public abstract class RoutedPeers : IPeers
{
    /// <inheritdoc/>
    public IDag Dag(DagId dag) => new DagProxy(this, RowKey.Of(dag));

    /// <inheritdoc/>
    public IDagRun Run(RunId run) => new RunProxy(this, RowKey.Of(run));

    /// <inheritdoc/>
    public ITaskInstance Task(TaskKey task) => new TaskProxy(this, RowKey.Of(task));

    /// <inheritdoc/>
    public IPool Pool(string pool) => new PoolProxy(this, RowKey.OfPool(pool));

    /// <summary>Finds the owner of a row and calls it.</summary>
    /// <typeparam name="TPeer">What the owner is.</typeparam>
    /// <typeparam name="TReply">Its answer.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="call">The call; it may be made again after an unknown outcome.</param>
    /// <param name="cancellation">The caller's, which the call has too.</param>
    protected abstract Task<TReply> AskAsync<TPeer, TReply>(RowKey row, Func<TPeer, Task<TReply>> call, CancellationToken cancellation)
        where TPeer : class;

    /// <summary>Finds the owner of a row and gives it a command. By default it is asked as everything else is.</summary>
    /// <typeparam name="TPeer">What the owner is.</typeparam>
    /// <typeparam name="TCommand">The command.</typeparam>
    /// <typeparam name="TReply">Its answer.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="command">The command; whoever gives it again sees to it that it has a request id (<see cref="UserCommand.Named{TCommand}"/>).</param>
    /// <param name="call">Gives it.</param>
    /// <param name="cancellation">The caller's, which the call has too.</param>
    protected virtual Task<TReply> CommandAsync<TPeer, TCommand, TReply>(
        RowKey row, TCommand command, Func<TPeer, TCommand, Task<TReply>> call, CancellationToken cancellation)
        where TPeer : class
        where TCommand : UserCommand
        where TReply : class => AskAsync<TPeer, TReply>(row, to => call(to, command), cancellation);

    /// <summary>Tells a pool who waits. Every task that waits has something to tell: whoever derives may tell several things at once.</summary>
    protected virtual Task TellPoolAsync(RowKey pool, WaitForSlots message, CancellationToken cancellation) =>
        TellAsync<IPool>(pool, to => to.WaitAsync(message, cancellation), cancellation);

    /// <summary>Tells a pool that something became free; like who waits.</summary>
    protected virtual Task TellPoolAsync(RowKey pool, SlotsReleased message, CancellationToken cancellation) =>
        TellAsync<IPool>(pool, to => to.ReleasedAsync(message, cancellation), cancellation);

    private Task<bool> TellAsync<TPeer>(RowKey row, Func<TPeer, Task> call, CancellationToken cancellation) where TPeer : class =>
        AskAsync<TPeer, bool>(row, async peer =>
        {
            await call(peer);
            return true;
        }, cancellation);

    private sealed class DagProxy(RoutedPeers peers, RowKey row) : IDag
    {
        public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation) =>
            peers.CommandAsync<IDag, ApplyDag, DagApplied>(row, message, (to, command) => to.ApplyAsync(command, cancellation), cancellation);

        public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation) =>
            peers.CommandAsync<IDag, SetPaused, PauseSet>(row, message, (to, command) => to.SetPausedAsync(command, cancellation), cancellation);

        public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation) =>
            peers.CommandAsync<IDag, TriggerRun, RunTriggered>(row, message, (to, command) => to.TriggerAsync(command, cancellation), cancellation);

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) =>
            peers.TellAsync<IDag>(row, to => to.RunEndedAsync(message, cancellation), cancellation);

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) =>
            peers.TellAsync<IDag>(row, to => to.RunReopenedAsync(message, cancellation), cancellation);

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync<IDag>(row, to => to.WakeAsync(message, cancellation), cancellation);
    }

    private sealed class RunProxy(RoutedPeers peers, RowKey row) : IDagRun
    {
        public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) =>
            peers.AskAsync<IDagRun, RunAdmitted>(row, to => to.StartAsync(message, cancellation), cancellation);

        public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) =>
            peers.TellAsync<IDagRun>(row, to => to.TaskFinishedAsync(message, cancellation), cancellation);

        public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation) =>
            peers.CommandAsync<IDagRun, CancelRun, CommandReply>(row, message, (to, command) => to.CancelAsync(command, cancellation), cancellation);

        public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) =>
            peers.CommandAsync<IDagRun, ClearTasks, CommandReply>(row, message, (to, command) => to.ClearAsync(command, cancellation), cancellation);

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync<IDagRun>(row, to => to.WakeAsync(message, cancellation), cancellation);
    }

    private sealed class TaskProxy(RoutedPeers peers, RowKey row) : ITaskInstance
    {
        // When it is told again, what it carries may be long past: then the rows tell.
        public Task DispatchAsync(Dispatch message, CancellationToken cancellation)
        {
            var times = 0;
            return peers.TellAsync<ITaskInstance>(
                row,
                to => times++ == 0 ? to.DispatchAsync(message, cancellation) : to.WakeAsync(new Wake(message.Task.Version), cancellation),
                cancellation);
        }

        public Task<AdmitReply> AdmitAsync(Admit message, CancellationToken cancellation) =>
            peers.AskAsync<ITaskInstance, AdmitReply>(row, to => to.AdmitAsync(message, cancellation), cancellation);

        public Task ObserveAsync(AttemptStatus message, CancellationToken cancellation) =>
            peers.TellAsync<ITaskInstance>(row, to => to.ObserveAsync(message, cancellation), cancellation);

        public Task CancelAsync(CancelTask message, CancellationToken cancellation) =>
            peers.TellAsync<ITaskInstance>(row, to => to.CancelAsync(message, cancellation), cancellation);

        public Task WakeAsync(Wake message, CancellationToken cancellation) =>
            peers.TellAsync<ITaskInstance>(row, to => to.WakeAsync(message, cancellation), cancellation);
    }

    private sealed class PoolProxy(RoutedPeers peers, RowKey row) : IPool
    {
        public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => peers.TellPoolAsync(row, message, cancellation);

        public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => peers.TellPoolAsync(row, message, cancellation);

        public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation) =>
            peers.CommandAsync<IPool, SetSlots, CommandReply>(row, message, (to, command) => to.SetSlotsAsync(command, cancellation), cancellation);
    }
}
