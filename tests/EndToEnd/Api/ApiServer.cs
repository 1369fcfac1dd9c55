using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary><c>flow dev</c> of an installation, spoken to as a program does.</summary>
internal sealed class ApiServer : IDisposable
{
    private readonly HttpClient _http = new();

    private ApiServer(FlowProcess process, string grpc, string http, string token)
    {
        (Process, Grpc, Http, Token) = (process, grpc, http, token);
        Channel = NewChannel();
    }

    public FlowProcess Process { get; }

    public string Grpc { get; }

    public string Http { get; }

    public string Token { get; }

    public RpcChannel Channel { get; }

    /// <summary>Starts one, on free ports unless some are named.</summary>
    public static Task<ApiServer> StartAsync(Installation flow, int port = 0, int httpPort = 0) =>
        StartAsync(flow, "dev", "--port", $"{port}", "--http-port", $"{httpPort}");

    /// <summary>Starts <c>flow server</c> on free ports, for the token of the data folder; the installation's environment has its settings.</summary>
    public static Task<ApiServer> ServeAsync(Installation flow, params string[] more) => StartAsync(flow, ["server", "--port", "0", "--http-port", "0", .. more]);

    private static async Task<ApiServer> StartAsync(Installation flow, params string[] arguments) => await OfAsync(flow, await flow.StartAsync(arguments));

    /// <summary>The server that a process is about to be.</summary>
    public static async Task<ApiServer> OfAsync(Installation flow, FlowProcess process)
    {
        var grpc = (await process.PrintsAsync("gRPC")).Split(' ')[^1];
        var http = (await process.PrintsAsync("HTTP/JSON")).Split(' ')[^1];
        await process.PrintsAsync("data");
        var token = Path.Combine(flow.Data, "api.token");
        return new ApiServer(process, grpc, http, File.Exists(token) ? (await File.ReadAllTextAsync(token)).Trim() : "");
    }

    /// <summary>A client of its own, with connections of its own.</summary>
    public RpcChannel NewChannel(string? token = null, string? address = null) => new(address ?? Grpc, new RpcChannelOptions
    {
        BearerToken = _ => ValueTask.FromResult<string?>(token ?? Token), AllowTokenWithoutTls = true, MaxAttempts = 1,
    });

    /// <summary>Calls by JSON; anything but success fails the test.</summary>
    public async Task<JsonNode> CallAsync(string method, string request)
    {
        var (status, answer) = await TryAsync(method, request);
        status.ShouldBe(HttpStatusCode.OK, $"{method}: {answer}");
        return answer;
    }

    /// <summary>Calls by JSON, and looks at what comes.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> TryAsync(
        string method, string request, string? token = null, string? host = null, string? origin = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{Http}/orleansflow.v1.{method}");
        message.Content = new StringContent(request, Encoding.UTF8, "application/json");
        message.Headers.Authorization = new("Bearer", token ?? Token);
        if (host is not null) message.Headers.Host = host;
        if (origin is not null) message.Headers.Add("Origin", origin);
        using var response = await _http.SendAsync(message);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)! : JsonValue.Create(text));
    }

    /// <summary>Applies a file as administrators do.</summary>
    public async Task<string> ApplyAsync(string yaml)
    {
        var source = new JsonObject { ["yaml"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(yaml)), ["path"] = Path.Combine(Path.GetTempPath(), "dag.yaml") };
        var answer = await CallAsync("DagService/ApplyDag", new JsonObject { ["source"] = source }.ToJsonString());
        return answer["dag"]!.GetValue<string>();
    }

    /// <summary>Follows a run by gRPC, and gives what there is of it after each message.</summary>
    public async IAsyncEnumerable<WatchedRun> WatchAsync(string name, string cursor = "")
    {
        var method = RpcMethod.Of<WatchRunRequest, WatchRunResponse>(RunServiceReflection.Descriptor.Services[0], "WatchRun");
        var watched = new WatchedRun();
        await foreach (var message in Channel.ServerStreaming(method, new WatchRunRequest { Name = name, Cursor = cursor }))
        {
            watched.Take(message);
            yield return watched;
        }
    }

    /// <summary>Follows a run to its end.</summary>
    public async Task<WatchedRun> EndOfAsync(string name)
    {
        WatchedRun? last = null;
        await foreach (var watched in WatchAsync(name)) last = watched;
        return last!;
    }

    public void Dispose()
    {
        _http.Dispose();
        Channel.Dispose();
    }
}

/// <summary>A run as a watcher puts it together.</summary>
internal sealed class WatchedRun
{
    public Run Run { get; private set; } = new();

    public Dictionary<string, TaskInstance> Tasks { get; } = [];

    public string Cursor { get; private set; } = "";

    public bool WasSnapshot { get; private set; }

    public void Take(WatchRunResponse message)
    {
        if (message.Snapshot) Tasks.Clear();
        WasSnapshot = message.Snapshot;
        if (message.Run is not null) Run = message.Run;
        foreach (var task in message.ChangedTasks)
        {
            if (Tasks.TryGetValue(task.Name, out var known)) task.Version.ShouldBeGreaterThanOrEqualTo(known.Version, task.Name);
            Tasks[task.Name] = task;
        }

        if (!message.More) Cursor = message.Cursor;
    }
}
