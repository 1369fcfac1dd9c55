using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Placement;

/// <summary>
/// Says where a grain is activated. Only a policy: the directory remembers where it was activated, and a silo that comes or goes moves nothing
/// that lives on the others. Thread-safe.
/// </summary>
/// <param name="services">Where the engine is found: it is made later.</param>
internal sealed class RunPlacementDirector(IServiceProvider services) : IPlacementDirector
{
    /// <summary>Of a run with more task instances than this the tasks are spread over all silos.</summary>
    public const int LargeRun = 1000;

    /// <inheritdoc/>
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var key = target.GrainIdentity.Key.ToString()!;
        var isTask = GrainKeys.RunOf(key).Length < key.Length;
        return Choose(silos, isTask && await IsOfLargeRunAsync(key) ? key : GrainKeys.RunOf(key));
    }

    /// <summary>The silo that a text goes to: of all scores the highest, so that a silo more or less changes the place of few.</summary>
    internal static SiloAddress Choose(IReadOnlyList<SiloAddress> silos, ReadOnlySpan<char> text)
    {
        var hash = StableHash.Of(text);
        var best = silos[0];
        for (var i = 1; i < silos.Count; i++)
        {
            var (score, highest) = (Score(hash, silos[i]), Score(hash, best));
            if (score > highest || (score == highest && silos[i].CompareTo(best) < 0)) best = silos[i];
        }

        return best;
    }

    private static ulong Score(ulong hash, SiloAddress silo) => StableHash.Mix(hash ^ StableHash.Mix((uint)silo.GetConsistentHashCode()));

    // What is known of a run never changes, so that this is no look at the store but for the first task of a run.
    private async Task<bool> IsOfLargeRunAsync(string key)
    {
        try
        {
            var catalog = services.GetRequiredService<Engine>().Catalog;
            return await catalog.FindAsync(GrainKeys.TaskOf(key).Run, CancellationToken.None) is { Instances: > LargeRun };
        }
        catch (StoreException)
        {
            // The store is away. Any place will do.
            return false;
        }
    }
}
