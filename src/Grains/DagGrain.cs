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

/// <summary>Hosts the coordinator of a DAG. It stays, since its next fire is a timer of its silo; DAGs are few.</summary>
[GrainType(GrainNames.Dag)]
[Reentrant]
[KeepAlive]
[RunPlacement]
public sealed class DagGrain(Engine engine, IGrainContext context)
    : CoordinatorGrain<DagCoordinator>(engine, RowKey.Of(new DagId(context.GrainId.Key.ToString()!))), IDagGrain
{
    /// <inheritdoc/>
    protected override bool LeavesWhenFinished => false;

    /// <inheritdoc/>
    public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation) => Coordinator.ApplyAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation) => Coordinator.SetPausedAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation) => Coordinator.TriggerAsync(message, cancellation);

    /// <inheritdoc/>
    public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => Coordinator.RunEndedAsync(message, cancellation);

    /// <inheritdoc/>
    public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => Coordinator.RunReopenedAsync(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => Coordinator.WakeAsync(message, cancellation);
}
