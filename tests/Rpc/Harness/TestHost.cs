using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansFlow.Rpc.Health;
using OrleansFlow.Rpc.Reflection;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>A real Kestrel on loopback with the test service, health and reflection: one port for HTTP/2, one for HTTP/1.1.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DefectLog _log;

    private TestHost(WebApplication app, DefectLog log, RpcServer server, TestService service, HealthService health)
    {
        _app = app;
        _log = log;
        Server = server;
        Service = service;
        Health = health;
        var ports = app.Urls.Where(url => !url.Contains("unix:", StringComparison.Ordinal)).Select(url => new Uri(url).Port).ToList();
        (Port, Http1Port) = (ports[0], ports[1]);
    }

    public RpcServer Server { get; }

    /// <summary>What the server logged as an error.</summary>
    public IReadOnlyCollection<string> Defects => _log.Errors;

    public TestService Service { get; }

    public HealthService Health { get; }

    public int Port { get; }

    public int Http1Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public string Http1Address => $"http://127.0.0.1:{Http1Port}";

    public static async Task<TestHost> StartAsync(RpcServerOptions? options = null, int port = 0, string? socket = null)
    {
        options ??= new RpcServerOptions();
        var builder = WebApplication.CreateSlimBuilder();
        var log = new DefectLog();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            if (socket is not null) kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var (service, health) = (new TestService(), new HealthService());
        RpcService[] offered = [service.Service, health.Service];
        RpcService[] all = [.. offered, .. ReflectionService.For(offered)];
        RpcEndpoints.Check(options, all, shutdownTimeout: null);
        var server = new RpcServer(options, all, app.Logger, app.Lifetime.ApplicationStopping);
        RpcEndpoints.Map(app, server, all);
        await app.StartAsync();
        return new TestHost(app, log, server, service, health);
    }

    public Task StopAsync() => _app.StopAsync();

    /// <summary>No call is left behind: waits for the last ones to end.</summary>
    public async Task IsIdleAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling.Time);
        while (Server.Active > 0) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ceiling.Token);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
