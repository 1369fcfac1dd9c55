using Google.Protobuf;
using OrleansFlow.Api.Security;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>A run that is watched at every host of its database while it changes at one of them, or at any.</summary>
internal static class WatchedElsewhere
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(2);
    private static readonly RpcCallOptions Patient = new() { Timeout = Ceiling };

    /// <summary>How the hosts are served: watches never look by themselves, so what they see somebody has told them.</summary>
    public static ServeOptions Serve { get; } = new() { Port = 0, HttpPort = 0, Tokens = TokenBook.Open, LookEvery = TimeSpan.FromDays(1) };

    /// <summary>Starts a run that waits, watches it everywhere, lets it go, and waits until all who watch have seen its end.</summary>
    /// <param name="servers">The hosts. Commands are given to the first.</param>
    public static async Task ShouldBeSeenAsync(IReadOnlyList<FlowServer> servers)
    {
        var channels = servers.Select(server => new RpcChannel(server.Live.Grpc)).ToList();
        try
        {
            var run = await StartAsync(channels[0]);
            var ends = new List<Task<RunState>>();
            foreach (var channel in channels) ends.AddRange([await WatchAsync(channel, run), await WatchEventsAsync(channel, run)]);
            await channels[0].UnaryAsync(Method<UnpauseDagRequest, UnpauseDagResponse>(Dags, "UnpauseDag"), new UnpauseDagRequest { Name = "dags/relayed" }, Patient);

            (await Task.WhenAll(ends)).ShouldAllBe(state => state == RunState.Success);
        }
        finally
        {
            foreach (var channel in channels) channel.Dispose();
        }
    }

    /// <summary>Starts a task that says how far it is, twice, and waits until all who watch it have seen the one and then the other.</summary>
    /// <param name="servers">The hosts. Commands are given to the first.</param>
    public static async Task ShouldSeeProgressAsync(IReadOnlyList<FlowServer> servers)
    {
        var gates = Directory.CreateTempSubdirectory("flow-progress-").FullName;
        var channels = servers.Select(server => new RpcChannel(server.Live.Grpc)).ToList();
        try
        {
            await ApplyAsync(channels[0], $$$"""
                dag: saying
                tasks:
                  work:
                    script: |
                      say() { curl -sS --fail-with-body --unix-socket "${FLOW_API#unix://}" -H 'content-type: application/json' \
                        -d "{\"progress\": {\"message\": \"$1\"}}" http://task/orleansflow.v1.AttemptService/ReportProgress; }
                      say begun; while [ ! -e {{{gates}}}/more ]; do sleep 0.05; done
                      say half; while [ ! -e {{{gates}}}/end ]; do sleep 0.05; done
                """);
            var run = (await TriggerAsync(channels[0], "dags/saying")).Name;
            var watches = channels.Select(channel => channel
                .ServerStreaming(Method<WatchRunRequest, WatchRunResponse>(Runs, "WatchRun"), new WatchRunRequest { Name = run }, Patient).GetAsyncEnumerator()).ToList();

            foreach (var watch in watches) await SaidAsync(watch, "begun");
            await File.WriteAllTextAsync(Path.Combine(gates, "more"), "");
            foreach (var watch in watches) await SaidAsync(watch, "half");
            await File.WriteAllTextAsync(Path.Combine(gates, "end"), "");
            foreach (var watch in watches) await watch.DisposeAsync();
        }
        finally
        {
            foreach (var channel in channels) channel.Dispose();
            Directory.Delete(gates, recursive: true);
        }
    }

    /// <summary>Applies a DAG and triggers it.</summary>
    public static async Task StartAsync(FlowServer server, string yaml, string dag)
    {
        using var channel = new RpcChannel(server.Live.Grpc);
        await ApplyAsync(channel, yaml);
        await TriggerAsync(channel, dag);
    }

    private static Google.Protobuf.Reflection.ServiceDescriptor Dags => DagServiceReflection.Descriptor.Services[0];

    private static Google.Protobuf.Reflection.ServiceDescriptor Runs => RunServiceReflection.Descriptor.Services[0];

    private static async Task<string> StartAsync(RpcChannel channel)
    {
        await ApplyAsync(channel, "dag: relayed\ntasks: { first: { noop: {} }, last: { noop: {}, needs: [first] } }\n");
        await channel.UnaryAsync(Method<PauseDagRequest, PauseDagResponse>(Dags, "PauseDag"), new PauseDagRequest { Name = "dags/relayed" }, Patient);
        return (await TriggerAsync(channel, "dags/relayed")).Name;
    }

    private static Task<ApplyDagResponse> ApplyAsync(RpcChannel channel, string yaml)
    {
        var source = new DagSource { Yaml = ByteString.CopyFromUtf8(yaml), Path = "/dag.yaml" };
        return channel.UnaryAsync(Method<ApplyDagRequest, ApplyDagResponse>(Dags, "ApplyDag"), new ApplyDagRequest { Source = source }, Patient);
    }

    private static Task<Run> TriggerAsync(RpcChannel channel, string dag) =>
        channel.UnaryAsync(Method<TriggerRunRequest, Run>(Runs, "TriggerRun"), new TriggerRunRequest { Dag = dag }, Patient);

    private static async Task SaidAsync(IAsyncEnumerator<WatchRunResponse> watch, string message)
    {
        while (await watch.MoveNextAsync())
            if (watch.Current.ChangedTasks.Any(task => task.Progress?.Message == message))
                return;
        throw new InvalidOperationException($"the run has ended, and nobody heard '{message}'");
    }

    // Returns when it watches; what it returns ends with the run.
    private static async Task<Task<RunState>> WatchAsync(RpcChannel channel, string run)
    {
        var messages = channel.ServerStreaming(Method<WatchRunRequest, WatchRunResponse>(Runs, "WatchRun"), new WatchRunRequest { Name = run }, Patient).GetAsyncEnumerator();
        (await messages.MoveNextAsync()).ShouldBeTrue();
        messages.Current.Run.State.ShouldBe(RunState.Queued);
        return EndAsync();

        async Task<RunState> EndAsync()
        {
            var state = RunState.Queued;
            while (await messages.MoveNextAsync()) state = messages.Current.Run?.State ?? state;
            await messages.DisposeAsync();
            return state;
        }
    }

    private static async Task<Task<RunState>> WatchEventsAsync(RpcChannel channel, string run)
    {
        var messages = channel.ServerStreaming(
            Method<WatchRunEventsRequest, WatchRunEventsResponse>(Runs, "WatchRunEvents"), new WatchRunEventsRequest { Name = run }, Patient).GetAsyncEnumerator();
        (await messages.MoveNextAsync()).ShouldBeTrue();
        return EndAsync();

        // the stream ends when the run has
        async Task<RunState> EndAsync()
        {
            while (await messages.MoveNextAsync())
            {
            }

            await messages.DisposeAsync();
            return (await channel.UnaryAsync(Method<GetRunRequest, Run>(Runs, "GetRun"), new GetRunRequest { Name = run }, Patient)).State;
        }
    }

    private static RpcMethod<TRequest, TResponse> Method<TRequest, TResponse>(Google.Protobuf.Reflection.ServiceDescriptor service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() => RpcMethod.Of<TRequest, TResponse>(service, name);
}
