using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>
/// A silo with our settings of the membership, among silos that are there in the table only: whoever calls them waits for ever, as with a process that
/// hangs or a machine that is gone.
/// </summary>
internal sealed class LoneSilo : IAsyncDisposable
{

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _silent = [];
    private readonly IHost _host;
    private volatile string? _end;
    private Task _start = Task.CompletedTask;

    /// <summary>Makes one that is alone in its table; it does not start by itself.</summary>
    /// <param name="change">What is different from our settings.</param>
    /// <param name="more">More to be set up in it.</param>
    public LoneSilo(Action<ClusterMembershipOptions>? change = null, Action<ISiloBuilder>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("lone", "lone"));
            silo.ConfigureEndpoints(IPAddress.Loopback, Ports.Free(), 0, listenOnAnyHostAddress: false);
            silo.Configure<ClusterMembershipOptions>(MembershipSettings.Apply);
            if (change is not null) silo.Configure(change);
            silo.Services.AddSingleton<IMembershipTable>(Rows);
            silo.Services.AddSingleton<IFatalErrorHandler>(new FatalErrors(why => _end = why));
            more?.Invoke(silo);
        });
        _host = builder.Build();
    }

    /// <summary>Who is a member.</summary>
    public MemberRows Rows { get; } = new();

    /// <summary>Where it is.</summary>
    public SiloAddress Address => _host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    /// <summary>Why it is to end; null: it goes on.</summary>
    public string? End => _end;

    /// <summary>Calls grains.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts it; returns when it is up.</summary>
    public Task StartAsync() => _start = Task.Run(() => _host.StartAsync(_stopping.Token));

    /// <summary>Adds a member that does not answer.</summary>
    /// <param name="alive">
    /// When it last wrote into the table that it is alive; null: it still does, as who is cut off from the other silos only.
    /// </param>
    public SiloAddress AddSilent(DateTime? alive = null)
    {
        // The system takes connections for it.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _silent.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var silo = SiloAddress.New((IPEndPoint)socket.LocalEndPoint!, 1);
        Rows.Add(silo, $"silent.{_silent.Count}", alive ?? TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1));
        return silo;
    }

    /// <summary>Makes the silo read the table.</summary>
    public async Task ReadAsync() => await _host.Services.GetRequiredService<IClusterMembershipService>().Refresh();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _start.ContinueWith(_ => { }, TaskScheduler.Default);
        await _host.StopAsync(_stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        foreach (var socket in _silent) socket.Dispose();
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        _stopping.Dispose();
    }
}
