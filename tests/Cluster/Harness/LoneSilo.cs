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
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>
/// A silo with our settings of the membership, among silos that are there in the table only: whoever calls them waits for ever, as with a process that
/// hangs or a machine that is gone. The time of its membership is the test's, or the system's.
/// </summary>
internal sealed class LoneSilo : IAsyncDisposable
{
    /// <summary>Under which key Orleans asks for the time of its membership.</summary>
    private const string MembershipTime = "Orleans.Membership";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    /// <summary>So that what a step sets off has happened before the next one, or most of it.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _silent = [];
    private readonly IHost _host;
    private readonly FakeTime? _time;
    private volatile string? _end;
    private Task _start = Task.CompletedTask;

    private LoneSilo(FakeTime? time, Action<ClusterMembershipOptions>? change, Action<ISiloBuilder>? more)
    {
        _time = time;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("lone", "lone"));
            silo.ConfigureEndpoints(IPAddress.Loopback, Ports.Free(), 0, listenOnAnyHostAddress: false);
            silo.Configure<ClusterMembershipOptions>(MembershipSettings.Apply);
            if (change is not null) silo.Configure(change);
            silo.Services.AddSingleton<IMembershipTable>(Rows);
            silo.Services.AddSingleton<IFatalErrorHandler>(new FatalErrors(why => _end = why));
            if (time is not null) silo.Services.AddKeyedSingleton<TimeProvider>(MembershipTime, new PooledTimers(time));
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

    /// <summary>Starts one, alone in its table, with a time of its own.</summary>
    /// <param name="change">What is different from our settings.</param>
    /// <param name="more">More to be set up in it.</param>
    public static async Task<LoneSilo> StartAsync(Action<ClusterMembershipOptions>? change = null, Action<ISiloBuilder>? more = null)
    {
        var silo = new LoneSilo(new FakeTime(TimeProvider.System.GetUtcNow()), change, more);
        await silo.PassAsync(silo.BeginAsync(), "the silo starts");
        return silo;
    }

    /// <summary>Makes one whose time is the system's; it does not start by itself.</summary>
    /// <param name="change">What is different from our settings.</param>
    /// <param name="more">More to be set up in it.</param>
    public static LoneSilo InRealTime(Action<ClusterMembershipOptions>? change = null, Action<ISiloBuilder>? more = null) => new(null, change, more);

    /// <summary>Starts it; returns when it is up.</summary>
    public Task BeginAsync() => _start = Task.Run(() => _host.StartAsync(_stopping.Token));

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

    /// <summary>Lets time pass, until something is true or all of it has passed.</summary>
    /// <param name="time">How much.</param>
    /// <param name="until">Looked at now and then.</param>
    /// <returns>Whether it became true.</returns>
    public Task<bool> PassAsync(TimeSpan time, Func<bool> until) => Task.Run(async () =>
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            if (until()) return true;
            if (_time is null)
            {
                await Task.Delay(Step, TimeProvider.System);
                continue;
            }

            _time.Advance(Step);
            do await Task.Delay(Breath, TimeProvider.System);
            while (ThreadPool.PendingWorkItemCount > 0);
        }

        return until();
    });

    private async Task PassAsync(Task task, string what)
    {
        (await PassAsync(TimeSpan.FromMinutes(5), () => task.IsCompleted)).ShouldBeTrue(what);
        await task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await PassAsync(_start.ContinueWith(_ => { }, TaskScheduler.Default), "the start ends");
        await PassAsync(Task.Run(() => _host.StopAsync(_stopping.Token)).ContinueWith(_ => { }, TaskScheduler.Default), "the silo stops");
        foreach (var socket in _silent) socket.Dispose();
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        _stopping.Dispose();
    }

    // As the system's timers: what they call may block, and runs on no scheduler of the test's.
    private sealed class PooledTimers(TimeProvider inner) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(given => ThreadPool.QueueUserWorkItem(_ => callback(given)), state, dueTime, period);
    }
}
