using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using OrleansFlow.Grains.Messages;
using OrleansFlow.Grains.Placement;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Grains.Hosting;

/// <summary>Coordinators in the grains of a silo.</summary>
public static class GrainHosting
{
    /// <summary>How long callers from outside wait for a peer that cannot be reached.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds the grains, their placement and their messages to a silo, and to its services the <see cref="Engine"/>, whose peers are grains, and
    /// <see cref="IPeers"/> for callers from outside, who learn <see cref="PeerUnavailableException"/> after <see cref="Patience"/>. The engine lives
    /// with the silo: it commits until all grains have handed over. What is left to the host is who leads (<see cref="Engine.LeadAsync"/>).
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="parts">What the engine is made of; its peers and mailboxes are not asked for.</param>
    public static ISiloBuilder AddFlowGrains(this ISiloBuilder silo, Func<IServiceProvider, EngineParts> parts)
    {
        silo.Services.AddSerializer(serializer => serializer.AddMessages());
        // Who has timed out asks again: what was asked before need not be done any more, and waits in nobody's inbox.
        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true);
        silo.Services.AddPlacementDirector<RunPlacement, RunPlacementDirector>();
        silo.Services.AddSingleton<EngineLifecycle>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<EngineLifecycle>());
        silo.Services.AddSingleton(services =>
        {
            var made = parts(services);
            var peers = new GrainPeers(services.GetRequiredService<IGrainFactory>(), made.Time, null);
            return new Engine(made with { Peers = peers }, services.GetRequiredService<EngineLifecycle>().Stopping);
        });
        silo.Services.AddSingleton<IPeers>(services =>
            new GrainPeers(services.GetRequiredService<IGrainFactory>(), services.GetService<TimeProvider>() ?? TimeProvider.System, Patience));
        return silo;
    }
}
