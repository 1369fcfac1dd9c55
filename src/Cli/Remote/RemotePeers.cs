using System.Text.Json.Nodes;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Remote;

/// <summary>Commands as calls of a server. What coordinators say to one another has no place here.</summary>
/// <param name="client">The server.</param>
/// <param name="server">Where it is: paths of this machine mean nothing on another.</param>
internal sealed class RemotePeers(FlowClient client, ServerAddress server) : IPeers
{
    private const string TextsField = "param_texts.";

    /// <inheritdoc/>
    public IDag Dag(DagId dag) => new RemoteDag(this, client, dag);

    /// <inheritdoc/>
    public IDagRun Run(RunId run) => new RemoteRun(this, client, run);

    /// <inheritdoc/>
    public ITaskInstance Task(TaskKey task) => throw Inner();

    /// <inheritdoc/>
    public IPool Pool(string pool) => new RemotePool(client, pool);

    /// <summary>Sets tasks back. Returns how many, and from where on the history tells of it.</summary>
    public async Task<(int Count, string Cursor)> ClearAsync(RunId run, ClearTasks message, CancellationToken cancellation)
    {
        if (message.Tasks.Count == 0)
        {
            var rerun = await client.RerunAsync(run, message.OnlyFailed, By(message), cancellation);
            return (rerun.ClearedCount, rerun.EventsCursor);
        }

        var options = new ClearOptions
        {
            RequestId = message.By.RequestId,
            Why = message.By.Why,
            Tasks = message.Tasks,
            MapIndex = message.MapIndex,
            Downstream = message.Downstream,
            OnlyFailed = message.OnlyFailed,
        };
        var cleared = await client.ClearAsync(run, options, cancellation);
        return (cleared.ClearedCount, cleared.EventsCursor);
    }

    /// <summary>A DAG file as a call carries it.</summary>
    public DagInput Input(DagText file) => DagInput.FromYaml(file.Content, PathAt(file.FullPath));

    /// <summary>Makes a run of a DAG file that the server reads.</summary>
    /// <exception cref="CliException">The parameters are not what the DAG asks for.</exception>
    public async Task<(DagId Dag, RunId Run)> TriggerAsync(DagText file, RunParams given, TriggerRun message, CancellationToken cancellation)
    {
        var options = Options(message) with { Params = given.Values, ParamTexts = given.Texts };
        try
        {
            var run = await client.TriggerAsync(Input(file), options, cancellation);
            return (ResourceNames.Dag(run.Dag), ResourceNames.Run(run.Name));
        }
        catch (FlowException refused) when (refused.Reason == Contracts.V1.ErrorReason.InvalidParams && refused.Metadata.TryGetValue("dag", out var dag))
        {
            var problems = refused.Violations.Select(violation => $"{NameOf(violation.Field)}: {violation.Description}");
            if (refused.Metadata.TryGetValue("more_violations", out var more)) problems = problems.Append($"and {more} more");
            throw RunParams.Refused(ResourceNames.Dag(dag), problems);
        }
    }

    /// <summary>The user does not know by which field a parameter went.</summary>
    private static string NameOf(string field) => field.StartsWith(TextsField, StringComparison.Ordinal) ? "params." + field[TextsField.Length..] : field;

    private DagInput Input(ApplyDag version) => DagInput.FromSpec(version.Spec, PathAt(version.SourceFile));

    private string? PathAt(string? path) => server.IsThisMachine ? path : null;

    private static TriggerOptions Options(TriggerRun message) => new()
    {
        RequestId = message.By.RequestId,
        Why = message.By.Why,
        Run = message.Run,
        LogicalDate = message.LogicalDate,
    };

    private static CommandOptions By(UserCommand message) => new() { RequestId = message.By.RequestId, Why = message.By.Why };

    private static NotSupportedException Inner() => new("coordinators say this to one another; commands never do");

    private sealed class RemoteDag(RemotePeers peers, FlowClient client, DagId dag) : IDag
    {
        public async Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation)
        {
            var reply = await client.ApplyAsync(peers.Input(message), options: By(message), cancellation: cancellation);
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
            var options = Options(message) with { Params = message.Params is { } json ? JsonNode.Parse(json) as JsonObject : null };
            var run = message.Version is { } version
                ? await client.TriggerAsync(peers.Input(version), options, cancellation)
                : await client.TriggerAsync(dag, options, cancellation);
            return new RunTriggered(ResourceNames.Run(run.Name), null);
        }

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => throw Inner();

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => throw Inner();

        public Task WakeAsync(Wake message, CancellationToken cancellation) => throw Inner();
    }

    private sealed class RemoteRun(RemotePeers peers, FlowClient client, RunId run) : IDagRun
    {
        public async Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation)
        {
            await client.CancelAsync(run, By(message), cancellation);
            return new CommandReply(true);
        }

        public async Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) =>
            new(true, (await peers.ClearAsync(run, message, cancellation)).Count);

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
