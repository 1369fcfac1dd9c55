using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Hosting;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.World;

/// <summary>
/// Where attempts live. It outlives hosts: in a cluster attempts go on without them; on one machine they die with the host that
/// launched them, and the next one learns that.
/// </summary>
internal sealed class SimWorld(Cluster cluster, bool local)
{
    private readonly Dictionary<Guid, SimLife> _lives = [];
    private readonly List<SimHost> _hosts = [];
    private readonly SimClock _clock = new(cluster.Scheduler);

    /// <summary>What has not been released, in key order.</summary>
    public IReadOnlyList<SimLife> Lives => [.. _lives.Values.OrderBy(life => life.Key).ThenBy(life => life.Uid)];

    private DateTimeOffset Now
    {
        get
        {
            var now = cluster.Scheduler.Now;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        }
    }

    public void Join(SimHost host) => _hosts.Add(host);

    /// <summary>A host is gone.</summary>
    public void Leave(SimHost host)
    {
        _hosts.Remove(host);
        if (local) Kill(life => life.Host == host);
    }

    /// <summary>Returns when the attempt is there; on one machine, when it does not wait any more.</summary>
    public Task LaunchAsync(SimHost host, AttemptPlan plan)
    {
        if (_lives.TryGetValue(plan.Uid, out var there)) return local ? there.Begun.Task : Task.CompletedTask;
        if (cluster.Faults.Happens(0.04)) throw new LaunchException("no such image");
        var life = new SimLife(plan, host, Chance.Of(cluster.Seed, plan.Key.ToString()));
        _lives.Add(plan.Uid, life);
        cluster.Trace.Add($"world: {life.Key} is there, by {host.Name}");
        cluster.Guard(LiveAsync(life));
        return local ? life.Begun.Task : Task.CompletedTask;
    }

    public void Stop(Guid uid, TimeSpan grace)
    {
        if (!_lives.TryGetValue(uid, out var life) || life.HasEnded || life.Stopping) return;
        life.Stopping = true;
        cluster.Trace.Add($"world: {life.Key} is told to stop");
        cluster.Guard(StopAsync(life, grace));
    }

    public void Release(Guid uid)
    {
        if (_lives.TryGetValue(uid, out var life) && life.HasEnded) _lives.Remove(uid);
    }

    /// <summary>What a host that starts is told of attempts that rows say are unfinished.</summary>
    public IReadOnlyList<AttemptStatus> Adopt(SimHost host, IReadOnlyList<Attempt> attempts)
    {
        if (local) Kill(life => life.Host != host);
        return [.. attempts.Select(attempt => _lives.GetValueOrDefault(attempt.Uid)?.Status).OfType<AttemptStatus>()];
    }

    public IReadOnlyList<AttemptStatus> List() => [.. Lives.Select(life => life.Status)];

    private async Task LiveAsync(SimLife life)
    {
        var scenario = life.Scenario;
        if (scenario.Happens(0.1))
        {
            Tell(life.Hold("no node has room"));
            await Task.Delay(scenario.Within(TimeSpan.FromSeconds(60)), _clock);
            if (local && !IsGone(life) && cluster.Faults.Happens(0.1))
            {
                Refuse(life);
                return;
            }
        }

        await Task.Delay(scenario.Within(TimeSpan.FromSeconds(3)), _clock);
        if (IsGone(life)) return;
        var started = life.Start(Now);
        cluster.Trace.Add($"world: {life.Key} runs");
        if (!scenario.Happens(0.15)) Tell(started);
        for (var number = 1; scenario.Happens(0.12); number++)
        {
            await Task.Delay(scenario.Within(TimeSpan.FromSeconds(20)), _clock);
            if (IsGone(life)) return;
            Tell(new CheckpointSaved(life.Key, life.Uid, life.Key.Epoch * 10 + number, $"sim://{life.Key}/{number}"));
        }

        await Task.Delay(scenario.Within(TimeSpan.FromSeconds(scenario.Happens(0.05) ? 600 : 60)), _clock);
        if (!IsGone(life)) End(life, Outcome(life));
    }

    // Whoever launched it is told, if it is still there.
    private void Refuse(SimLife life)
    {
        cluster.Trace.Add($"world: {life.Key} cannot be launched after all");
        _lives.Remove(life.Uid);
        life.Begun.TrySetException(new LaunchException("the image is gone") { Permanent = life.Scenario.Happens(0.3) });
        _ = life.Begun.Task.Exception;
    }

    private AttemptStatus Outcome(SimLife life) => life.Scenario.Between(0, 99) switch
    {
        < 70 => life.Exit(0, Now),
        < 80 => life.Exit(life.Scenario.Between(1, 3), Now),
        < 84 => life.Exit(75, Now),
        < 87 => life.Exit(99, Now),
        < 93 => life.Lose(AttemptCause.Preempted, Now),
        < 96 => life.Lose(AttemptCause.NodeLost, Now),
        _ => life.Lose(AttemptCause.Unknown, Now),
    };

    private async Task StopAsync(SimLife life, TimeSpan grace)
    {
        await Task.Delay(cluster.Chance.Within(grace), _clock);
        if (IsGone(life)) return;
        End(life, life.IsRunning ? life.Exit(cluster.Chance.Happens(0.3) ? 0 : 143, Now) : life.Lose(AttemptCause.Stopped, Now));
    }

    private void Kill(Func<SimLife, bool> whose)
    {
        foreach (var life in Lives.Where(life => !life.HasEnded && whose(life)))
        {
            if (life.IsRunning) End(life, life.Lose(AttemptCause.HostLost, Now));
            else _lives.Remove(life.Uid);
        }
    }

    private void End(SimLife life, AttemptStatus how)
    {
        cluster.Trace.Add($"world: {life.Key} ends: {(how as AttemptLost)?.Cause.ToString() ?? $"exit {(how as AttemptExited)?.Exit.ExitCode}"}");
        Tell(how);
    }

    private bool IsGone(SimLife life) => life.HasEnded || _lives.GetValueOrDefault(life.Uid) != life;

    // Late, twice, out of order, or not at all: the list is the truth.
    private void Tell(AttemptStatus status)
    {
        foreach (var host in _hosts.ToArray())
        {
            if (cluster.Faults.Happens(0.05)) continue;
            do cluster.Guard(DeliverAsync(host, status));
            while (cluster.Faults.Happens(0.08));
        }
    }

    private async Task DeliverAsync(SimHost host, AttemptStatus status)
    {
        await Task.Delay(cluster.Chance.Within(TimeSpan.FromSeconds(cluster.Faults.Happens(0.05) ? 60 : 1)), _clock);
        host.Backend.Deliver(status);
    }
}
