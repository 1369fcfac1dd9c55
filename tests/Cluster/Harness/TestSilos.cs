using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core.Internal;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.TestingHost;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Hosting;
using OrleansFlow.Grains.Messages;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Silos of one process on one store and one backend. The first one leads.</summary>
public sealed class TestSilos : SchedulingHost
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Action<InProcessTestSiloSpecificOptions, ISiloBuilder>> _configurations = [];
    private InProcessTestCluster _cluster = null!;
    private Task _leading = Task.CompletedTask;
    private int _peer;

    /// <summary>How many there are.</summary>
    public int Count { get; init; } = 2;

    /// <summary>What all of them commit to.</summary>
    internal WatchedStore Store { get; init; } = new();

    /// <summary>The cluster.</summary>
    public InProcessTestCluster Cluster => _cluster;

    /// <summary>The silos that are up.</summary>
    public IReadOnlyList<SiloAddress> Silos => [.. _cluster.GetActiveSilos().Select(silo => silo.SiloAddress)];

    /// <summary>A silo's peers, another silo's each time: a client of any of them sees the same.</summary>
    public override IPeers Peers => PeersOf(Interlocked.Increment(ref _peer) % Silos.Count);

    public override IQueries Queries => Store.Rows;

    public override ScriptedBackend Backend { get; } = new(TimeProvider.System);

    /// <summary>The peers of one silo.</summary>
    public IPeers PeersOf(int silo) => ServicesOf(silo).GetRequiredService<IPeers>();

    /// <summary>The engine of one silo.</summary>
    public Engine EngineOf(int silo) => ServicesOf(silo).GetRequiredService<Engine>();

    /// <summary>The services of one silo.</summary>
    public IServiceProvider ServicesOf(int silo) => _cluster.GetSiloServiceProvider(Silos[silo]);

    /// <summary>What stands before the rows when coordinators load; null: nothing.</summary>
    internal IStateReader? Reader { get; init; }

    /// <summary>Where the grains of a type live.</summary>
    public async Task<IReadOnlyList<DetailedGrainStatistic>> ActivationsAsync(string type)
    {
        var management = ServicesOf(0).GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        return [.. (await management.GetDetailedGrainStatistics()).Where(grain => grain.GrainId.Type.ToString() == type)];
    }

    /// <summary>Returns when no grain of some types is in memory.</summary>
    public async Task UntilGoneAsync(params string[] types)
    {
        for (var i = 0; ; i++)
        {
            var left = 0;
            foreach (var type in types) left += (await ActivationsAsync(type)).Count;
            if (left == 0) return;
            if (i == 600) throw new TimeoutException($"{left} grains are still there");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Makes all activations of the coordinators go.</summary>
    public Task DeactivateAllAsync() => DeactivateAllAsync(GrainNames.Dag, GrainNames.Run, GrainNames.Task, GrainNames.Pool);

    /// <summary>Makes all activations of some types go.</summary>
    public async Task DeactivateAllAsync(params string[] types)
    {
        foreach (var type in types)
            foreach (var grain in await ActivationsAsync(type))
                await ServicesOf(0).GetRequiredService<IGrainFactory>().GetGrain<IGrainManagementExtension>(grain.GrainId).DeactivateOnIdle();
    }

    /// <summary>More to be set up in each silo.</summary>
    public TestSilos With(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configure)
    {
        _configurations.Add(configure);
        return this;
    }

    public override async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder((short)Count);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.AddFlowGrains(_ => Parts()));
        builder.ConfigureClient(client => client.Services.AddSerializer(serializer => serializer.AddMessages()));
        foreach (var configure in _configurations) builder.ConfigureSilo(configure);
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _leading = EngineOf(0).LeadAsync(_stopping.Token);
        await EngineOf(0).Recovered;
    }

    public override async Task DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _leading.ContinueWith(_ => { }, TaskScheduler.Default);
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        _stopping.Dispose();
    }

    private EngineParts Parts() => new()
    {
        Executor = Store,
        Reader = Reader ?? Store.Rows,
        Backend = Backend,
        Artifacts = Told,
        Compile = Compile,
        Time = TimeProvider.System,
        NewGuid = Guid.NewGuid,
        Observer = Told,
    };
}
