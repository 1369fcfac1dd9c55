using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Placement;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains;

/// <summary>Hosts the coordinator of a run until the run has ended: loading a large one again for each report would cost more than keeping it.</summary>
[GrainType(GrainNames.Run)]
[Reentrant]
[KeepAlive]
[RunPlacement]
public sealed class DagRunGrain(Engine engine, IGrainContext context)
    : CoordinatorGrain<DagRunCoordinator>(engine, RowKey.Of(new RunId(context.GrainId.Key.ToString()!))), IDagRunGrain
{
    /// <inheritdoc/>
    public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) => Coordinator.StartAsync(message, cancellation);

    /// <inheritdoc/>
    public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) => Coordinator.TaskFinishedAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation) => Coordinator.CancelAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) => Coordinator.ClearAsync(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => Coordinator.WakeAsync(message, cancellation);
}
