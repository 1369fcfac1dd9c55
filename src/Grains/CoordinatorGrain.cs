using Orleans;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains;

/// <summary>
/// Hosts one coordinator for as long as the activation lives. All that the coordinator does runs on the activation's scheduler; it has an
/// inbox of its own, so that grains are reentrant: callers never wait for each other's commits.
/// </summary>
/// <typeparam name="TCoordinator">The coordinator.</typeparam>
/// <param name="engine">Makes it.</param>
/// <param name="row">Its row.</param>
public abstract class CoordinatorGrain<TCoordinator>(Engine engine, RowKey row) : Grain
    where TCoordinator : Coordinator
{
    /// <summary>What decides. It loads its state with the first message.</summary>
    protected TCoordinator Coordinator { get; } = (TCoordinator)engine.Create(row);

    /// <summary>Whether the activation goes as soon as there is nothing left to do for its row.</summary>
    protected virtual bool LeavesWhenFinished => true;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Coordinator.WentIdle = () =>
        {
            if (LeavesWhenFinished && Coordinator.IsIdle && Coordinator.IsFinished) DeactivateOnIdle();
        };
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>Messages that come meanwhile wait, and go to the next activation.</remarks>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            await Coordinator.HandOverAsync(cancellationToken);
        }
        finally
        {
            engine.Forget(row);
        }
    }
}
