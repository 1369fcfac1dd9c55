using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansFlow.Api;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Standalone.Attempts;

/// <summary>Answers the calls of all attempts of a host. Started by the first one that calls, since most never do. Thread-safe.</summary>
/// <param name="incident">Writes a defect into the host's log and names the line.</param>
/// <param name="time">Time.</param>
internal sealed class AttemptServer(Func<string, Exception, string> incident, TimeProvider time) : IAsyncDisposable
{
    private const int MaxStreamsPerConnection = 20;
    private const int MaxHeaderBytes = 16 * 1024;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly AttemptTransport _transport = new();
    private Task<WebApplication>? _app;
    private bool _disposed;

    /// <summary>Answers the calls of a connection. False: it said nothing, or the host is ending.</summary>
    public async Task<bool> ServeAsync(ConnectionContext connection)
    {
        Task<WebApplication> started;
        lock (_lock)
        {
            if (_disposed) return false;
            started = _app ??= StartAsync();
        }

        await started;
        return await _transport.HandAsync(connection, time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock) _disposed = true;
        if (_app is null) return;
        var app = await _app;
        using var limit = new CancellationTokenSource(StopLimit, time);
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }

    private async Task<WebApplication> StartAsync()
    {
        // Empty: no configuration of the folder that somebody happened to start it in.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
            kestrel.Listen(_transport.Http1, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(_transport.Http2, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapRpc(FlowApi.AttemptOptions(incident, time), FlowApi.AttemptServices());
        await app.StartAsync(CancellationToken.None);
        return app;
    }

    /// <summary>Signals are the command's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
