using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Simulation.Hosting;

namespace OrleansFlow.Tests.Simulation.Faults;

/// <summary>The store as one host reaches it: slow, away, in contention, or done and yet reported as unknown.</summary>
internal sealed class FaultyExecutor(IBatchExecutor inner, SimHost host, Faults faults) : IBatchExecutor
{
    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        await host.TakeAsync(faults.Latency(), cancellation);
        if (host.Fenced) throw new StoreException(StoreFailure.Fenced, "another host has taken over");
        if (faults.StoreIsAway || faults.Happens(0.01)) throw new StoreException(StoreFailure.Unavailable, "cannot be reached");
        if (faults.Happens(0.01)) throw new StoreException(StoreFailure.Contention, "deadlock");
        if (faults.Happens(0.01)) throw new StoreException(StoreFailure.OutcomeUnknown, "connection lost, nothing was done");
        var outcomes = await inner.ExecuteAsync(batch, CancellationToken.None);
        if (faults.Happens(0.002)) host.Crash("right after a commit");
        var unknown = faults.Happens(0.015);
        await host.TakeAsync(faults.Latency(), unknown ? default : cancellation);
        return unknown ? throw new StoreException(StoreFailure.OutcomeUnknown, "connection lost, and it was done") : outcomes;
    }
}
