using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Time;
using OrleansFlow.Tests.Simulation.World;

namespace OrleansFlow.Tests.Simulation.Hosting;

/// <summary>One life of a host: a real engine on faulty ports, until it is stopped or crashes.</summary>
internal sealed class SimHost : IEngineObserver, IDisposable
{
    private readonly Cluster _cluster;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new();
    private readonly SimClock _clock;
    private readonly Engine _engine;

    public SimHost(Cluster cluster, int number)
    {
        _cluster = cluster;
        _clock = new SimClock(cluster.Scheduler);
        Name = $"host{number}";
        Backend = new SimBackend(cluster, this);
        _engine = new Engine(
            new EngineParts
            {
                Executor = new FaultyExecutor(cluster.Auditor, this, cluster.Faults),
                Reader = new FaultyReader(cluster.Store, this, cluster.Faults),
                Backend = Backend,
                Artifacts = cluster.World,
                Mailboxes = new SimMailboxes(cluster.Scheduler),
                Compile = version => cluster.Workload.Graphs[version.Hash],
                Time = _clock,
                NewGuid = cluster.Chance.Guid,
                Observer = this,
            },
            _stopping.Token);
    }

    public string Name { get; }

    public SimBackend Backend { get; }

    public OrleansFlow.Scheduling.Peers.IPeers Peers => _engine.Peers;

    /// <summary>How many coordinators it keeps in memory.</summary>
    public int LiveCoordinators => _engine.LiveCoordinators;

    /// <summary>It does nothing any more, and nothing answers it.</summary>
    public bool Dead { get; private set; }

    /// <summary>Another host is in charge; the store refuses this one.</summary>
    public bool Fenced { get; set; }

    /// <summary>It was told to stop.</summary>
    public bool Stopping => _stopping.IsCancellationRequested;

    /// <summary>Done when the host has ended, however.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Runs until it is stopped or crashes.</summary>
    public async Task RunAsync()
    {
        _cluster.Trace.Add($"{Name} starts");
        try
        {
            await _engine.RunAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _cluster.Trace.Add($"{Name} has stopped");
        }
        catch (FencedException) when (Fenced)
        {
            _cluster.Trace.Add($"{Name} gives up, being fenced");
        }
        catch (Exception e)
        {
            _cluster.Fail($"{Name}: the engine ended by itself: {e}");
        }

        if (!Dead) End();
    }

    /// <summary>Stops as SIGTERM does.</summary>
    public void Stop()
    {
        if (Dead || Stopping) return;
        _cluster.Trace.Add($"{Name} is told to stop");
        _stopping.Cancel();
    }

    /// <summary>Ends as kill -9 does: from now on no port answers, and no timer rings.</summary>
    public void Crash(string why)
    {
        if (Dead) return;
        _cluster.Trace.Add($"{Name} crashes {why}");
        End();
    }

    /// <summary>Takes time on the way to a port; a dead host never comes back from it.</summary>
    public async Task TakeAsync(TimeSpan time, CancellationToken cancellation)
    {
        if (time > TimeSpan.Zero && !Dead) await Task.Delay(time, _clock, cancellation);
        if (Dead) await Never();
    }

    public void StoreUnavailable(string problem)
    {
    }

    public void StoreAvailable()
    {
    }

    public void BatchExecuted(int steps, TimeSpan duration)
    {
    }

    public void Stale(string subject, string @event) => _cluster.Stale++;

    public void Illegal(string subject, string @event)
    {
        if (!Dead) _cluster.Fail($"{Name}: illegal: {subject}: {@event}");
    }

    public void Defect(string subject, Exception exception)
    {
        if (!Dead) _cluster.Fail($"{Name}: defect: {subject}: {exception}");
    }

    void IEngineObserver.Fenced(string problem) => _cluster.Trace.Add($"{Name} is fenced");

    public void Dispose()
    {
        _engine.Dispose();
        _stopping.Dispose();
    }

    private static Task Never() => new TaskCompletionSource().Task;

    private void End()
    {
        Dead = true;
        _clock.Stopped = true;
        _cluster.World.Leave(this);
        _ended.TrySetResult();
    }
}
