using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Placement;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains;

/// <summary>Hosts the coordinator of a task instance until it has finished, or until Orleans collects it for having been idle.</summary>
[GrainType(GrainNames.Task)]
[Reentrant]
[RunPlacement]
public sealed class TaskInstanceGrain(Engine engine, IGrainContext context)
    : CoordinatorGrain<TaskInstanceCoordinator>(engine, RowKey.Of(GrainKeys.TaskOf(context.GrainId.Key.ToString()!))), ITaskInstanceGrain
{
    /// <inheritdoc/>
    public Task DispatchAsync(Dispatch message, CancellationToken cancellation) => Coordinator.DispatchAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<AdmitReply> AdmitAsync(Admit message, CancellationToken cancellation) => Coordinator.AdmitAsync(message, cancellation);

    /// <inheritdoc/>
    public Task ObserveAsync(AttemptStatus message, CancellationToken cancellation) => Coordinator.ObserveAsync(message, cancellation);

    /// <inheritdoc/>
    public Task CancelAsync(CancelTask message, CancellationToken cancellation) => Coordinator.CancelAsync(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => Coordinator.WakeAsync(message, cancellation);
}
