using System.Runtime.CompilerServices;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Hosting;

namespace OrleansFlow.Tests.Simulation.World;

/// <summary>The world as one host reaches it: every way takes its time, and a dead host never comes back from one.</summary>
internal sealed class SimBackend(Cluster cluster, SimHost host) : IExecutionBackend
{
    private readonly Queue<AttemptStatus> _observed = new();
    private TaskCompletionSource _arrived = new();

    public string Name => "sim";

    /// <summary>Something was seen.</summary>
    public void Deliver(AttemptStatus status)
    {
        if (host.Dead) return;
        _observed.Enqueue(status);
        _arrived.TrySetResult();
    }

    public async Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        await TravelAsync(cancellation);
        await cluster.World.LaunchAsync(host, plan).WaitAsync(cancellation);
        await TravelAsync(cancellation);
    }

    public async Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation)
    {
        await TravelAsync(cancellation);
        cluster.World.Stop(uid, grace);
    }

    public async Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation)
    {
        await TravelAsync(cancellation);
        var found = cluster.World.Adopt(host, [.. attempts.Select(live => live.Attempt)]);
        cluster.World.Join(host);
        await TravelAsync(cancellation);
        return found;
    }

    public async Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation)
    {
        await TravelAsync(cancellation);
        var list = cluster.World.List();
        await TravelAsync(cancellation);
        return list;
    }

    public async Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation)
    {
        await TravelAsync(cancellation);
        cluster.World.Release(uid);
    }

    public async IAsyncEnumerable<AttemptStatus> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = cancellation.Register(() => _arrived.TrySetCanceled(cancellation));
        while (true)
        {
            while (_observed.TryDequeue(out var status)) yield return status;
            await _arrived.Task;
            _arrived = new TaskCompletionSource();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private Task TravelAsync(CancellationToken cancellation) => host.TakeAsync(
        cluster.Faults.Happens(0.03) ? cluster.Chance.Within(TimeSpan.FromSeconds(20)) : cluster.Chance.Within(TimeSpan.FromMilliseconds(300)),
        cancellation);
}
