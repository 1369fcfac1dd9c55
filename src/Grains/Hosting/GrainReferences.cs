using Orleans;
using Orleans.Runtime;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Hosting;

/// <summary>The grains of rows, by name: asked by interface, Orleans would look for the names by reflection with each call.</summary>
internal static class GrainReferences
{
    private static readonly Name s_dag = new(GrainNames.Dag);
    private static readonly Name s_run = new(GrainNames.Run);
    private static readonly Name s_task = new(GrainNames.Task);
    private static readonly Name s_pool = new(GrainNames.Pool);

    /// <summary>The grain of a row: its interface is that of the row's kind.</summary>
    public static IAddressable Of(this IGrainFactory grains, RowKey row) => row.Kind switch
    {
        RowKind.Dag => s_dag.Find(grains, row.Id),
        RowKind.Run => s_run.Find(grains, row.Id),
        RowKind.Task => s_task.Find(grains, GrainKeys.Of(row.AsTask())),
        _ => s_pool.Find(grains, row.Id),
    };

    private sealed class Name(string name)
    {
        private readonly GrainType _grain = GrainType.Create(name);
        private readonly GrainInterfaceType _interface = GrainInterfaceType.Create(name);

        public IAddressable Find(IGrainFactory grains, string key) => grains.GetGrain(GrainId.Create(_grain, key), _interface);
    }
}
