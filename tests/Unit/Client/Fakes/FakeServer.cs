using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansFlow.Client;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace OrleansFlow.Tests.Unit.Client.Fakes;

/// <summary>A real server on loopback whose methods say what a test lets them say. It can be killed, and started again at the same port.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Dictionary<string, Func<RpcService, RpcService>> _methods = new(StringComparer.Ordinal);
    private readonly int _port = FreePort();
    private WebApplication? _app;

    /// <summary>More than any of this can take on a machine that is busy.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    public string Address => $"127.0.0.1:{_port}";

    public List<IMessage> Requests { get; } = [];

    public List<string?> Tokens { get; } = [];

    public FlowClient Client(Action<FlowClientOptions>? configure = null)
    {
        var options = new FlowClientOptions
        {
            Addresses = { Address },
            InitialBackoff = TimeSpan.FromMilliseconds(5),
            MaxBackoff = TimeSpan.FromMilliseconds(50),
            Timeout = Ceiling,
        };
        configure?.Invoke(options);
        return new FlowClient(options);
    }

    public FakeServer On<TRequest, TResponse>(string method, Func<TRequest, TResponse> answer)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _methods[method] = service => service.Unary<TRequest, TResponse>(method, (request, context) => Task.FromResult(answer(Note(request, context))));
        return this;
    }

    public FakeServer OnStream<TRequest, TResponse>(string method, Func<TRequest, CancellationToken, IAsyncEnumerable<TResponse>> answer)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _methods[method] = service => service.ServerStreaming<TRequest, TResponse>(
            method, (request, context) => OpenAsync(answer(Note(request, context), context.Cancellation), context));
        return this;
    }

    /// <summary>A stream that was taken says so at once, as those of the real server do.</summary>
    private static async IAsyncEnumerable<T> OpenAsync<T>(IAsyncEnumerable<T> messages, RpcContext context)
    {
        await context.SendHeadersAsync();
        await foreach (var message in messages) yield return message;
    }

    public async Task<FakeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.MapRpc(new RpcServerOptions { DrainLimit = TimeSpan.FromMilliseconds(1) }, [.. Services().Select(Serve)]);
        await _app.StartAsync();
        return this;
    }

    /// <summary>Ends without a word to those who are connected.</summary>
    public async Task KillAsync()
    {
        if (_app is null) return;
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static IEnumerable<ServiceDescriptor> Services() =>
    [
        DagServiceReflection.Descriptor.Services[0], RunServiceReflection.Descriptor.Services[0], TaskServiceReflection.Descriptor.Services[0],
        LogServiceReflection.Descriptor.Services[0], PoolServiceReflection.Descriptor.Services[0], SystemServiceReflection.Descriptor.Services[0],
    ];

    private RpcService Serve(ServiceDescriptor descriptor)
    {
        var service = RpcService.For(descriptor);
        foreach (var method in descriptor.Methods)
            service = _methods.TryGetValue(method.Name, out var add) ? add(service) : service.NotOffered(method.Name);
        return service;
    }

    private TRequest Note<TRequest>(TRequest request, RpcContext context) where TRequest : IMessage
    {
        lock (Requests)
        {
            Requests.Add(request);
            Tokens.Add(context.RequestHeaders["authorization"]);
        }

        return request;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
