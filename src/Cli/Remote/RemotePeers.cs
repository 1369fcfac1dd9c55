using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Remote;

/// <summary>Commands as calls of a server. What coordinators say to one another has no place here.</summary>
/// <param name="client">The server.</param>
/// <param name="cursors">Where the history of a run goes on from the last command for it.</param>
internal sealed class RemotePeers(FlowClient client, ConcurrentDictionary<RunId, string> cursors) : IPeers
{
    /// <inheritdoc/>
    public IDag Dag(DagId dag) => new RemoteDag(client, dag);

    /// <inheritdoc/>
    public IDagRun Run(RunId run) => new RemoteRun(client, run, cursors);

    /// <inheritdoc/>
    public ITaskInstance Task(TaskKey task) => throw Inner();

    /// <inheritdoc/>
    public IPool Pool(string pool) => new RemotePool(client, pool);

    private static CommandOptions By(UserCommand message) => new() { RequestId = message.By.RequestId, Why = message.By.Why };

    private static NotSupportedException Inner() => new("coordinators say this to one another; commands never do");

    private sealed class RemoteDag(FlowClient client, DagId dag) : IDag
    {
        public async Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation)
        {
            var reply = await client.ApplyAsync(DagInput.FromSpec(message.Spec, message.SourceFile), options: By(message), cancellation: cancellation);
            return new DagApplied((ApplyOutcome)(int)reply.Outcome, ResourceNames.Version(reply.PreviousVersion));
        }

        public async Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation)
        {
            try
            {
                var changed = message.Paused
                    ? (await client.PauseAsync(dag, By(message), cancellation)).Changed
                    : (await client.UnpauseAsync(dag, By(message), cancellation)).Changed;
                return new PauseSet(true, changed);
            }
            catch (FlowNotFoundException)
            {
                return new PauseSet(false, false);
            }
        }

        public async Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation)
        {
            var options = new TriggerOptions
            {
                RequestId = message.By.RequestId,
                Why = message.By.Why,
                Run = message.Run,
                LogicalDate = message.LogicalDate,
                Params = message.Params is { } json ? JsonNode.Parse(json) as JsonObject : null,
            };
            var run = message.Version is { } version
                ? await client.TriggerAsync(DagInput.FromSpec(version.Spec, version.SourceFile), options, cancellation)
                : await client.TriggerAsync(dag, options, cancellation);
            return new RunTriggered(ResourceNames.Run(run.Name), null);
        }

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => throw Inner();

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => throw Inner();

        public Task WakeAsync(Wake message, CancellationToken cancellation) => throw Inner();
    }

    private sealed class RemoteRun(FlowClient client, RunId run, ConcurrentDictionary<RunId, string> cursors) : IDagRun
    {
        public async Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation)
        {
            await client.CancelAsync(run, By(message), cancellation);
            return new CommandReply(true);
        }

        public async Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation)
        {
            int cleared;
            if (message.Tasks.Count == 0)
            {
                var rerun = await client.RerunAsync(run, message.OnlyFailed, By(message), cancellation);
                (cleared, cursors[run]) = (rerun.ClearedCount, rerun.EventsCursor);
            }
            else
            {
                var options = new ClearOptions
                {
                    RequestId = message.By.RequestId,
                    Why = message.By.Why,
                    Tasks = message.Tasks,
                    MapIndex = message.MapIndex,
                    Downstream = message.Downstream,
                    OnlyFailed = message.OnlyFailed,
                };
                var reply = await client.ClearAsync(run, options, cancellation);
                (cleared, cursors[run]) = (reply.ClearedCount, reply.EventsCursor);
            }

            return new CommandReply(true, cleared);
        }

        public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) => throw Inner();

        public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) => throw Inner();

        public Task WakeAsync(Wake message, CancellationToken cancellation) => throw Inner();
    }

    private sealed class RemotePool(FlowClient client, string pool) : IPool
    {
        public async Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation)
        {
            await client.SetPoolAsync(pool, message.Slots ?? throw Inner(), message.Description, By(message), cancellation);
            return new CommandReply(true);
        }

        public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => throw Inner();

        public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => throw Inner();
    }
}
