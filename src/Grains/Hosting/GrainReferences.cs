using Orleans;
using Orleans.Runtime;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Hosting;

/// <summary>
/// The grains of rows. Asked by interface, Orleans looks up the names of its type each time, in attributes and by reflection; here they are
/// looked up once. Thread-safe.
/// </summary>
/// <param name="grains">How grains are found.</param>
internal sealed class GrainReferences(IGrainFactory grains)
{
    private readonly Lazy<Names> _dags = NamesOf<IDagGrain>(grains);
    private readonly Lazy<Names> _runs = NamesOf<IDagRunGrain>(grains);
    private readonly Lazy<Names> _tasks = NamesOf<ITaskInstanceGrain>(grains);
    private readonly Lazy<Names> _pools = NamesOf<IPoolGrain>(grains);

    /// <summary>The grain of a row: its interface is that of the row's kind.</summary>
    public IAddressable Of(RowKey row) => row.Kind switch
    {
        RowKind.Dag => Find(_dags, row.Id),
        RowKind.Run => Find(_runs, row.Id),
        RowKind.Task => Find(_tasks, GrainKeys.Of(row.AsTask())),
        _ => Find(_pools, row.Id),
    };

    private IAddressable Find(Lazy<Names> names, string key) => grains.GetGrain(GrainId.Create(names.Value.Grain, key), names.Value.Interface);

    private static Lazy<Names> NamesOf<TGrain>(IGrainFactory grains) where TGrain : IGrainWithStringKey => new(() =>
    {
        var any = (GrainReference)(object)grains.GetGrain<TGrain>("any");
        return new Names(any.GrainId.Type, any.InterfaceType);
    });

    private sealed record Names(GrainType Grain, GrainInterfaceType Interface);
}
