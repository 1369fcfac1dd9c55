using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Hosting;
using Orleans.Runtime.Placement;
using OrleansFlow.Grains.Placement;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Two silos that do not know of each other's activations: whoever calls a grain has it on its own silo, so that all grains live twice.</summary>
internal static class SplitBrain
{
    public static TestSilos Silos() => new TestSilos().With((_, silo) =>
    {
        silo.Services.AddSingleton<IGrainDirectoryResolver>(new OwnDirectory());
        silo.Services.AddPlacementDirector<RunPlacement, Here>();
    });

    private sealed class Here : IPlacementDirector
    {
        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
            Task.FromResult(context.LocalSilo);
    }

    private sealed class OwnDirectory : IGrainDirectory, IGrainDirectoryResolver
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<GrainId, GrainAddress> _known = [];

        public bool TryResolveGrainDirectory(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out IGrainDirectory? grainDirectory)
        {
            grainDirectory = grainType.ToString()!.StartsWith("flow.", StringComparison.Ordinal) ? this : null;
            return grainDirectory is not null;
        }

        public Task<GrainAddress?> Register(GrainAddress address)
        {
            lock (_lock)
            {
                if (!_known.TryGetValue(address.GrainId, out var known)) known = _known[address.GrainId] = address;
                return Task.FromResult<GrainAddress?>(known);
            }
        }

        public Task Unregister(GrainAddress address)
        {
            lock (_lock)
                if (_known.TryGetValue(address.GrainId, out var known) && known.ActivationId == address.ActivationId) _known.Remove(address.GrainId);
            return Task.CompletedTask;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId)
        {
            lock (_lock) return Task.FromResult(_known.GetValueOrDefault(grainId));
        }

        public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
    }
}
