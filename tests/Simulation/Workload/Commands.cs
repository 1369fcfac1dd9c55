using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Workload;

/// <summary>The people of a life: they apply DAGs, trigger, cancel, clear, pause, and change pools.</summary>
internal sealed class Commands(Cluster cluster)
{
    private readonly Dictionary<string, DagGraph> _graphs = new(StringComparer.Ordinal);
    private readonly List<DagSpec> _dags = [];
    private readonly SimClock _clock = new(cluster.Scheduler);

    /// <summary>The versions by hash.</summary>
    public IReadOnlyDictionary<string, DagGraph> Graphs => _graphs;

    /// <summary>The DAGs as they are applied.</summary>
    public IReadOnlyList<DagSpec> Dags => _dags;

    private Chance Chance => cluster.Chance;

    /// <summary>Applies what there is to run.</summary>
    public async Task BeginAsync(DateTimeOffset end)
    {
        var random = new RandomDags(Chance, cluster.Scheduler.Now, end);
        foreach (var pool in RandomDags.Pools.Skip(1)) await CallAsync(peers => peers.Pool(pool).SetSlotsAsync(new SetSlots(3), default));
        for (var number = Chance.Between(1, 3); number > 0; number--)
        {
            var spec = random.Make(number);
            _dags.Add(spec);
            var hash = Chance.Guid().ToString("N");
            _graphs.Add(hash, new DagGraph(spec, [.. spec.Tasks.Select(task => (long)task.Priority)]));
            await CallAsync(peers => peers.Dag(spec.Id).ApplyAsync(new ApplyDag(hash, "{}", null), default));
        }
    }

    /// <summary>One command, of any kind.</summary>
    public async Task DoSomethingAsync()
    {
        var dag = Chance.Of(_dags).Id;
        switch (Chance.Between(0, 9))
        {
            case <= 3:
                await TriggerAsync(dag);
                break;
            case 4 when SomeRun() is { } run:
                await TryAsync($"cancel {run}", peers => peers.Run(run).CancelAsync(new CancelRun("somebody", "because"), default));
                break;
            case 5 or 6 when SomeRun() is { } run:
                await ClearAsync(run);
                break;
            case 7:
                await TryAsync($"pause {dag}", peers => peers.Dag(dag).SetPausedAsync(new SetPaused(Chance.Happens(0.5)), default));
                break;
            case 8:
                var (pool, slots) = (Chance.Of(RandomDags.Pools), Chance.Between(0, 4));
                await TryAsync($"{pool} gets {slots}", peers => peers.Pool(pool).SetSlotsAsync(new SetSlots(slots), default));
                break;
            default:
                if (Chance.Happens(0.3)) cluster.Faults.TakeStoreAway(Chance.Within(TimeSpan.FromSeconds(40)));
                break;
        }
    }

    /// <summary>Whatever was held back may go on.</summary>
    public async Task LetEverythingRunAsync()
    {
        foreach (var pool in RandomDags.Pools) await CallAsync(peers => peers.Pool(pool).SetSlotsAsync(new SetSlots(Chance.Between(2, 6)), default));
        foreach (var dag in _dags) await CallAsync(peers => peers.Dag(dag.Id).SetPausedAsync(new SetPaused(false), default));
    }

    private async Task TriggerAsync(DagId dag)
    {
        var run = RunId.Create(RunKind.Manual, cluster.Scheduler.Now, Chance.Guid().ToString("N")[..5]);
        cluster.Trace.Add($"people: trigger {run} of {dag}");
        var answer = await CallAsync(peers => peers.Dag(dag).TriggerAsync(new TriggerRun { Run = run }, default));
        if (answer.Run != run || !cluster.Auditor.Runs.ContainsKey(run)) cluster.Fail($"{run} was accepted and is not there: {answer}");
    }

    private Task ClearAsync(RunId run)
    {
        var graph = _graphs[cluster.Auditor.Runs[run].VersionHash];
        var clear = new ClearTasks
        {
            Tasks = Chance.Happens(0.4) ? [] : [Chance.Of(graph.Spec.Tasks).Id],
            Downstream = Chance.Happens(0.5),
            OnlyFailed = Chance.Happens(0.5),
        };
        return TryAsync($"clear {run} {string.Join(",", clear.Tasks)} {clear.Downstream} {clear.OnlyFailed}", peers => peers.Run(run).ClearAsync(clear, default));
    }

    private RunId? SomeRun() => cluster.Auditor.Runs.Count == 0 ? null : Chance.Of([.. cluster.Auditor.Runs.Keys]);

    // Asked once: what becomes of it depends on the host.
    private async Task TryAsync<T>(string what, Func<IPeers, Task<T>> call)
    {
        cluster.Trace.Add($"people: {what}");
        await CallAsync(call, once: true);
    }

    /// <summary>Asks until some host has answered.</summary>
    private async Task<T> CallAsync<T>(Func<IPeers, Task<T>> call, bool once = false)
    {
        while (true)
        {
            if (cluster.Active is { } host)
            {
                var answer = call(host.Peers);
                await Task.WhenAny(answer, host.Ended, Task.Delay(TimeSpan.FromMinutes(2), _clock));
                if (answer.IsCompletedSuccessfully) return await answer;
                if (once) return default!;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _clock);
        }
    }
}
