using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Simulation.Audits;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Hosting;
using OrleansFlow.Tests.Simulation.Time;
using OrleansFlow.Tests.Simulation.Workload;
using OrleansFlow.Tests.Simulation.World;

namespace OrleansFlow.Tests.Simulation;

/// <summary>
/// One seeded life of an installation: hosts that come and go, a store that outlives them, a world of attempts, people with
/// commands. First everything goes wrong for a while; then nothing does, and all that was accepted must come to its end.
/// </summary>
internal sealed class Cluster
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Bound = TimeSpan.FromHours(12);
    private readonly SimClock _clock;
    private readonly List<SimHost> _hosts = [];
    private readonly TimeSpan _trouble;
    private readonly HostLives _lives;

    public Cluster(int seed, Action<string>? echo = null)
    {
        Seed = seed;
        Chance = new Chance(seed);
        Scheduler = new SimScheduler(seed, Start);
        Trace = new Trace(Scheduler, Start, echo);
        Faults = new Faults.Faults(Chance, Scheduler);
        Store = new InMemoryStore();
        Auditor = new Auditor(this, Store);
        World = new SimWorld(this, local: seed % 2 == 0);
        Workload = new Commands(this);
        _clock = new SimClock(Scheduler);
        _trouble = TimeSpan.FromMinutes(Chance.Between(3, 12));
        _lives = new HostLives(this);
    }

    public int Seed { get; }

    public Chance Chance { get; }

    public SimScheduler Scheduler { get; }

    public Trace Trace { get; }

    public Faults.Faults Faults { get; }

    public InMemoryStore Store { get; }

    public Auditor Auditor { get; }

    public SimWorld World { get; }

    public Commands Workload { get; }

    /// <summary>The host that people ask; null when there is none.</summary>
    public SimHost? Active => _hosts.LastOrDefault(host => !host.Dead && !host.Stopping && !host.Fenced);

    /// <summary>All hosts that ever were.</summary>
    public IReadOnlyList<SimHost> Hosts => _hosts;

    /// <summary>What went wrong first; null when nothing did.</summary>
    public string? Failure { get; private set; }

    /// <summary>How often word of the past was ignored.</summary>
    public int Stale { get; set; }

    /// <summary>Lives it to its end.</summary>
    public void Live()
    {
        try
        {
            Scheduler.Run(LiveAsync, until: () => Failure is not null);
        }
        catch (Exception e) when (Failure is null)
        {
            Fail(e.ToString());
        }
        finally
        {
            foreach (var host in _hosts) host.Dispose();
        }
    }

    /// <summary>Something is wrong. The first of it counts.</summary>
    public void Fail(string violation)
    {
        if (Failure is not null) return;
        Failure = violation;
        Trace.Add($"FAILED: {violation}");
    }

    /// <summary>Nobody waits for this, and yet nothing that goes wrong in it is missed.</summary>
    public async void Guard(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e)
        {
            Fail(e.ToString());
        }
    }

    /// <summary>Starts a host.</summary>
    public SimHost StartHost()
    {
        var host = new SimHost(this, _hosts.Count + 1);
        _hosts.Add(host);
        Guard(host.RunAsync());
        return host;
    }

    private async Task LiveAsync()
    {
        var quiet = Start + _trouble;
        var hosts = _lives.RunAsync(quiet);
        await Workload.BeginAsync(quiet);
        while (Scheduler.Now < quiet)
        {
            Guard(Workload.DoSomethingAsync());
            await Task.Delay(Chance.Within(TimeSpan.FromSeconds(60)), _clock);
        }

        await hosts;
        Faults.Over = true;
        if (Active is null) StartHost();
        Trace.Add("faults are over");
        await Workload.HaveAnswersAsync(Scheduler.Now + Bound);
        await Workload.LetEverythingRunAsync();
        var deadline = Scheduler.Now + Bound;
        while (Auditor.Runs.Values.Any(run => !run.State.IsFinished()))
        {
            if (Scheduler.Now > deadline)
            {
                Fail($"not over after {Bound}: {Unfinished()}");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(10), _clock);
        }

        await Task.Delay(TimeSpan.FromMinutes(5), _clock);
        await new FinalAudit(this).CheckAsync();
        Trace.Add($"over: {Auditor.Runs.Count} runs, {Auditor.Attempts.Count} attempts, {Stale} stale, {_hosts.Count} hosts");
    }

    private string Unfinished() => string.Join("; ",
        Auditor.Runs.Values.Where(run => !run.State.IsFinished()).Select(run => $"{run.Id} {run.State} of {run.Dag}")
            .Concat(Auditor.Tasks.Values.Where(task => !task.State.IsFinished() && Auditor.Runs[task.Key.Run].State == RunState.Running)
                .Select(task => $"{task.Key} v{task.Version} {task.State}/{task.Reason} unfinished"))
            .Concat(Auditor.Tasks.Values.Where(task => task.Unreported).Select(task => $"{task.Key} unreported"))
            .Take(20));
}
