using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansFlow.Api;
using OrleansFlow.Api.Security;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Rpc.Health;
using OrleansFlow.Rpc.Reflection;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Unit.Api.Fakes;

/// <summary>The whole API on loopback over the model of the store, with a token for each role.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    /// <summary>More than any of this can take on a machine that is busy.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly RpcChannel _admin;
    private readonly RowChanges _changes;

    private ApiHost(WebApplication app, InMemoryStore store, FakeFiles files, RowChanges changes)
    {
        (_app, Store, Files, _changes) = (app, store, files, changes);
        Address = app.Urls.Single();
        _admin = new RpcChannel(Address, new RpcChannelOptions { BearerToken = _ => ValueTask.FromResult<string?>(Token("admin")) });
    }

    public string Address { get; }

    public InMemoryStore Store { get; }

    /// <summary>What went into the server's log.</summary>
    public List<Exception> Incidents { get; } = [];

    public FakeFiles Files { get; }

    /// <summary>The token of a role.</summary>
    public static string Token(string role) => $"the-token-of-the-{role}";

    /// <summary>Starts it.</summary>
    /// <param name="store">Its rows.</param>
    /// <param name="peers">Who takes commands; null: nobody.</param>
    /// <param name="change">What is otherwise.</param>
    public static async Task<ApiHost> StartAsync(InMemoryStore store, IPeers? peers = null, Func<ApiParts, ApiParts>? change = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        ApiHost? host = null;
        var (files, changes) = (new FakeFiles(), new RowChanges());
        var lines = ((string[])["viewer", "operator", "admin"]).Select(role => $"{role} {role} {Token(role)}");
        var parts = new ApiParts
        {
            Peers = peers!,
            Queries = store,
            Pages = store,
            Logs = files,
            Artifacts = files,
            Changes = changes,
            Installation = new FakeInstallation(),
            Tokens = TokenBook.Parse(lines, [])!,
            Time = TimeProvider.System,
            NewSuffix = () => Guid.NewGuid().ToString("N")[..5],
            Incident = (_, error) => host!.Note(error),
        };
        parts = change?.Invoke(parts) ?? parts;
        var (services, health) = (FlowApi.Services(parts), new HealthService());
        app.MapRpc(FlowApi.Options(parts), [.. services, health.Service, .. ReflectionService.For([.. services, health.Service])]);
        await app.StartAsync();
        return host = new ApiHost(app, store, files, changes);
    }

    /// <summary>Calls as the administrator.</summary>
    public Task<TResponse> CallAsync<TRequest, TResponse>(RpcMethod<TRequest, TResponse> method, TRequest request)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        _admin.UnaryAsync(method, request, new RpcCallOptions { Timeout = Ceiling });

    /// <summary>What a stream says to its end.</summary>
    public async Task<List<TResponse>> ReadAsync<TRequest, TResponse>(RpcMethod<TRequest, TResponse> method, TRequest request)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var messages = new List<TResponse>();
        await foreach (var message in Open(method, request)) messages.Add(message);
        return messages;
    }

    /// <summary>A stream.</summary>
    public IAsyncEnumerable<TResponse> Open<TRequest, TResponse>(RpcMethod<TRequest, TResponse> method, TRequest request)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        _admin.ServerStreaming(method, request, new RpcCallOptions { Timeout = Ceiling });

    /// <summary>Commits rows as an engine would.</summary>
    public async Task CommitAsync(params RowWrite[] writes)
    {
        var executor = new WatchedExecutor(Store, _changes);
        var outcomes = await executor.ExecuteAsync([new Step { Anchor = RowKey.Of(Sample.Dag), Writes = writes }], CancellationToken.None);
        outcomes.ShouldHaveSingleItem().Status.ShouldBe(StepStatus.Committed);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _app.DisposeAsync();
    }

    private string Note(Exception error)
    {
        lock (Incidents) Incidents.Add(error);
        return "incident";
    }
}
