using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansFlow.Api;
using OrleansFlow.Api.Security;
using OrleansFlow.Rpc.Health;
using OrleansFlow.Rpc.Reflection;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Replicas;
using OrleansFlow.Telemetry;
using Engine = OrleansFlow.Scheduling.Hosting.Engine;

namespace OrleansFlow.Standalone.Serving;

/// <summary>
/// The API of a host on two ports: gRPC over HTTP/2 without TLS, and JSON over HTTP/1.1, since without TLS one port cannot tell
/// them apart. Dispose it before the host.
/// </summary>
public sealed class FlowServer : IAsyncDisposable
{
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxConnections = 10_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly WebApplication _app;
    private readonly HealthWatch _health;
    private readonly DataFolder _folder;
    private int _disposed;

    private FlowServer(WebApplication app, HealthWatch health, DataFolder folder, LiveServer live)
    {
        _app = app;
        _health = health;
        _folder = folder;
        Live = live;
    }

    /// <summary>Where it listens.</summary>
    public LiveServer Live { get; }

    /// <summary>Looks whether the ports can be had, before anything large is started for them.</summary>
    /// <exception cref="HostStartException">One of them cannot; the message names it, and the option that chooses another.</exception>
    public static void RequirePorts(ServeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var (port, option) in Ports(options).Where(port => port.Port != 0))
        {
            using var probe = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(options.Address, port));
                probe.Listen();
            }
            catch (SocketException taken)
            {
                throw Refused(options, port, option, taken);
            }
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="host">The host whose API it is.</param>
    /// <param name="options">Where and for whom.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="HostStartException">A port cannot be had.</exception>
    public static async Task<FlowServer> StartAsync(IServedHost host, ServeOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        var folder = DataFolder.Open(host.DataFolder);
        var wrongPort = new WrongPort(TimeProvider.System);
        var (parts, health) = (Parts(host, options, folder), new HealthService());
        if (options.LookEvery is { } lookEvery) parts = parts with { LookEvery = lookEvery };
        var app = Build(host, options, parts, wrongPort, health);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException or SocketException)
        {
            await app.DisposeAsync();
            var (port, option) = Ports(options).FirstOrDefault(port => taken.Message.Contains($":{port.Port}", StringComparison.Ordinal));
            throw Refused(options, port, option ?? "--port", taken);
        }

        // In the order in which they were asked for.
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToArray();
        var live = new LiveServer(Environment.ProcessId, addresses[0], addresses[1]);
        wrongPort.Live = live;
        live.Reachable().Write(folder);
        await host.AnnounceAsync(options.PeerAddress ?? PeerAddress(options, live));
        return new FlowServer(app, new HealthWatch(parts.Installation, health.SetAll, parts.Time, host.Useless), folder, live);
    }

    /// <summary>Stops: no new calls, those in progress get a few seconds, streams end at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        LiveServer.Remove(_folder);
        await _health.DisposeAsync();
        using var limit = new CancellationTokenSource(StopLimit, TimeProvider.System);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private static ApiParts Parts(IServedHost host, ServeOptions options, DataFolder folder) => new()
    {
        Peers = host.Telemetry?.Around(host.Peers) ?? host.Peers,
        Queries = host.Queries,
        Pages = host.Pages,
        Logs = host.Logs,
        Artifacts = host.Artifacts,
        Changes = host.Changes,
        Installation = new HostInstallation(host, TimeProvider.System),
        Tokens = options.Tokens ?? TokenBook.OfOne(ApiTokenFile.ReadOrCreate(folder), Environment.UserName),
        Time = TimeProvider.System,
        NewSuffix = () => Engine.Suffix(Guid.NewGuid()),
        Incident = host.NoteIncident,
        Limits = options.Limits,
    };

    private static WebApplication Build(IServedHost host, ServeOptions options, ApiParts parts, WrongPort wrongPort, HealthService health)
    {
        // Empty: no configuration of the folder that somebody happened to start it in.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.AddProvider(new JournalLogs("server", host.Note)).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.Http2.MaxStreamsPerConnection = options.Limits.MaxConnectionStreams + ApiLimits.MoreCallsOfConnection;
            kestrel.Listen(options.Address, options.Port, listen => Speak(listen, HttpProtocols.Http2, wrongPort.OfGrpc));
            kestrel.Listen(options.Address, options.HttpPort, listen => Speak(listen, HttpProtocols.Http1, wrongPort.OfJson));
        });
        var app = builder.Build();
        var guard = new HostGuard(options);
        app.Use(next => http => PeerEndpoint.IsOne(http.Request.Path) ? next(http) : guard.InvokeAsync(http, next));
        app.UseRouting();
        if (host.Door is { } door) new PeerEndpoint(door.InCharge, door.Secret, host.NoteIncident).Map(app);
        if (host.Telemetry is { } telemetry) app.MapViewerPage("/metrics", parts.Tokens, HostTelemetry.ContentType, telemetry.Show);
        var services = FlowApi.Services(parts);
        foreach (var service in services) health.Set(service.Descriptor.FullName, healthy: true);
        app.MapRpc(FlowApi.Options(parts), [.. services, health.Service, .. ReflectionService.For([.. services, health.Service])]);
        return app;
    }

    private static void Speak(ListenOptions listen, HttpProtocols protocol, Func<ConnectionDelegate, ConnectionDelegate> wrongPort)
    {
        listen.Protocols = protocol;
        listen.Use(wrongPort);
    }

    private static string PeerAddress(ServeOptions options, LiveServer live) =>
        options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any)
            ? $"http://{Dns.GetHostName()}:{new Uri(live.Grpc).Port}"
            : live.Grpc;

    private static (int Port, string Option)[] Ports(ServeOptions options) => [(options.Port, "--port"), (options.HttpPort, "--http-port")];

    private static HostStartException Refused(ServeOptions options, int port, string option, Exception cause) => new(
        StartProblem.PortInUse,
        $"The server cannot listen on {options.Address}:{port}: {Why(port, cause)}.",
        $"Choose another port with {option}, or stop the process that has it (`ss -ltnp 'sport = :{port}'` shows it).", cause);

    private static string Why(int port, Exception cause)
    {
        if (cause is not SocketException and not { InnerException: AddressInUseException }) return cause.Message;
        return PortHolder.Find(port) is { } holder ? $"{holder} does" : "another process does, or this user may not";
    }
}
