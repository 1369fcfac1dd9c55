using Google.Protobuf;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>One <c>flow server</c> that everybody abuses: that it serves the next test is part of each.</summary>
public sealed class AbusedServer : IAsyncLifetime
{
    /// <summary>Few enough that a test can reach it, and many enough for ten thousand watches on some dozens of connections.</summary>
    public const int StreamsOfConnection = 400;

    private readonly Dictionary<string, Task<string>> _ended = [];
    private Installation _flow = null!;

    internal ApiServer Server { get; private set; } = null!;

    internal Installation Flow => _flow;

    public async Task InitializeAsync()
    {
        _flow = new Installation();
        _flow.Environment["ORLEANSFLOW_MAX_CONNECTION_STREAMS"] = $"{StreamsOfConnection}";
        _flow.Environment["ORLEANSFLOW_READER_PATIENCE"] = "1s";
        _flow.Environment["ORLEANSFLOW_ALLOWED_HOSTS"] = "localhost";
        Server = await ApiServer.ServeAsync(_flow);
        await Server.ApplyAsync("dag: quick\nmax_active_runs: 500\ntasks:\n  only: { noop: {} }\n");
        await Server.ApplyAsync(
            $$"""
            dag: waiting
            tasks:
              wait: { script: "touch {{_flow.Gates}}/started; while [ ! -e {{_flow.Gates}}/go ]; do sleep 0.05; done" }
            """);
        await Server.ApplyAsync("dag: wide\ntasks:\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"  task_{i}: {{ noop: {{}} }}\n")));
        await Server.ApplyAsync("dag: talkative\ntasks:\n  talk: { script: \"seq -f 'a line that says nothing at all, at some length: %g' 20000\" }\n");
    }

    /// <summary>A run of a DAG that has ended well: one for all who ask.</summary>
    internal async Task<string> EndedAsync(string dag)
    {
        Task<string> run;
        lock (_ended) run = _ended.TryGetValue(dag, out var known) ? known : _ended[dag] = RunToItsEndAsync(dag);
        return await run;
    }

    private async Task<string> RunToItsEndAsync(string dag)
    {
        var run = await TriggerAsync(dag);
        (await Server.EndOfAsync(run)).Run.State.ShouldBe(RunState.Success);
        return run;
    }

    /// <summary>Triggers a run, and gives its name.</summary>
    internal async Task<string> TriggerAsync(string dag) =>
        (await Server.CallAsync("RunService/TriggerRun", $$"""{"dag": "dags/{{dag}}"}"""))["name"]!.GetValue<string>();

    /// <summary>Resident memory of the server, in bytes.</summary>
    internal long Memory() => long.Parse(File.ReadAllText($"/proc/{Server.Process.Pid}/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)
        * Environment.SystemPageSize;

    public async Task DisposeAsync()
    {
        Server.Dispose();
        await _flow.DisposeAsync();
    }
}

/// <summary>The methods that abusers like.</summary>
internal static class Methods
{
    public static RpcMethod<TriggerRunRequest, Run> Trigger { get; } = Run<TriggerRunRequest, Run>("TriggerRun");

    public static RpcMethod<GetRunRequest, Run> Get { get; } = Run<GetRunRequest, Run>("GetRun");

    public static RpcMethod<ListRunsRequest, ListRunsResponse> List { get; } = Run<ListRunsRequest, ListRunsResponse>("ListRuns");

    public static RpcMethod<WatchRunRequest, WatchRunResponse> Watch { get; } = Run<WatchRunRequest, WatchRunResponse>("WatchRun");

    public static RpcMethod<ApplyDagRequest, ApplyDagResponse> Apply { get; } =
        RpcMethod.Of<ApplyDagRequest, ApplyDagResponse>(DagServiceReflection.Descriptor.Services[0], "ApplyDag");

    public static RpcMethod<GetSystemInfoRequest, SystemInfo> Info { get; } =
        RpcMethod.Of<GetSystemInfoRequest, SystemInfo>(SystemServiceReflection.Descriptor.Services[0], "GetSystemInfo");

    private static RpcMethod<TRequest, TResponse> Run<TRequest, TResponse>(string name)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        RpcMethod.Of<TRequest, TResponse>(RunServiceReflection.Descriptor.Services[0], name);
}
