using OrleansFlow.Client;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Bench.Throughput;

/// <summary>How runs of the DAG of the bench are asked for. Thread-safe.</summary>
internal interface ITrigger : IAsyncDisposable
{
    /// <summary>Returns when the run is durable.</summary>
    /// <exception cref="BenchException">It was refused.</exception>
    Task TriggerAsync(RunId run, DateTimeOffset due, CancellationToken cancellation);
}

/// <summary>By a call of the coordinator, in the process.</summary>
internal sealed class CoordinatorTrigger(IDag dag) : ITrigger
{
    public async Task TriggerAsync(RunId run, DateTimeOffset due, CancellationToken cancellation)
    {
        var answer = await dag.TriggerAsync(new TriggerRun { Run = run, LogicalDate = due, By = new Origin("bench") }, cancellation);
        if (answer.Problem is { } problem) throw new BenchException(problem);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>By gRPC, over loopback: server and client are in this process too, so that its CPU time is that of both.</summary>
internal sealed class ApiTrigger : ITrigger
{
    private readonly FlowServer _server;
    private readonly FlowClient _client;

    private ApiTrigger(FlowServer server, FlowClient client) => (_server, _client) = (server, client);

    public static async Task<ApiTrigger> StartAsync(EmbeddedHost host, CancellationToken cancellation)
    {
        var server = await FlowServer.StartAsync(host, new ServeOptions { Port = 0, HttpPort = 0 }, cancellation);
        // At a rate that is too high a trigger waits: it is part of the backlog, and no failure.
        var options = new FlowClientOptions { TokenFile = Path.Combine(host.DataFolder, "api.token"), Timeout = TimeSpan.FromMinutes(10) };
        options.Addresses.Add(server.Live.Grpc);
        return new ApiTrigger(server, new FlowClient(options));
    }

    public Task TriggerAsync(RunId run, DateTimeOffset due, CancellationToken cancellation) =>
        _client.TriggerAsync(LayeredDag.Id, new TriggerOptions { Run = run, LogicalDate = due }, cancellation);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }
}
