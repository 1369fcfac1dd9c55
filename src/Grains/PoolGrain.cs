using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Placement;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains;

/// <summary>Hosts the coordinator of a pool. It stays: pools are few, and each task that ends speaks to one.</summary>
[GrainType(GrainNames.Pool)]
[Reentrant]
[KeepAlive]
[RunPlacement]
public sealed class PoolGrain(Engine engine, IGrainContext context)
    : CoordinatorGrain<PoolCoordinator>(engine, RowKey.OfPool(context.GrainId.Key.ToString()!)), IPoolGrain
{
    /// <inheritdoc/>
    public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => Coordinator.WaitAsync(message, cancellation);

    /// <inheritdoc/>
    public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => Coordinator.ReleasedAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation) => Coordinator.SetSlotsAsync(message, cancellation);
}
