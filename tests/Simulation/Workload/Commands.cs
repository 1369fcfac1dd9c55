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
    private readonly Clients _clients = new(cluster);
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
        foreach (var pool in RandomDags.Pools.Skip(1)) await SizeAsync(pool, 3);
        for (var number = Chance.Between(1, 3); number > 0; number--)
        {
            var spec = random.Make(number);
            _dags.Add(spec);
            var hash = Chance.Guid().ToString("N");
            _graphs.Add(hash, new DagGraph(spec, [.. spec.Tasks.Select(task => (long)task.Priority)]));
            await _clients.AskAsync(
                $"apply {spec.Id}", (peers, by) => peers.Dag(spec.Id).ApplyAsync(new ApplyDag(hash, "{}", null) { By = by }, default), answer => answer.Problem is null);
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
                await _clients.AskAsync(
                    $"cancel {run}", (peers, by) => peers.Run(run).CancelAsync(new CancelRun { By = by with { Why = "because" } }, default), answer => answer.Accepted);
                break;
            case 5 or 6 when SomeRun() is { } run:
                await ClearAsync(run);
                break;
            case 7:
                await PauseAsync(dag, Chance.Happens(0.5));
                break;
            case 8:
                await SizeAsync(Chance.Of(RandomDags.Pools), Chance.Between(0, 4));
                break;
            case 9 when Chance.Happens(0.3):
                await CollideAsync(dag, Chance.Of(_dags).Id);
                break;
            default:
                if (Chance.Happens(0.3)) cluster.Faults.TakeStoreAway(Chance.Within(TimeSpan.FromSeconds(40)));
                break;
        }
    }

    /// <summary>Waits until nobody has a command under way.</summary>
    public async Task HaveAnswersAsync(DateTimeOffset deadline)
    {
        while (_clients.Open > 0)
        {
            if (cluster.Scheduler.Now > deadline)
            {
                cluster.Fail($"{_clients.Open} commands have no answer");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _clock);
        }
    }

    /// <summary>Whatever was held back may go on.</summary>
    public async Task LetEverythingRunAsync()
    {
        foreach (var pool in RandomDags.Pools) await SizeAsync(pool, Chance.Between(2, 6));
        foreach (var dag in _dags) await PauseAsync(dag.Id, false);
    }

    private async Task TriggerAsync(DagId dag)
    {
        // Each call proposes another id for the run: only one of them is used.
        RunId NewId() => RunId.Create(RunKind.Manual, cluster.Scheduler.Now, Chance.Guid().ToString("N")[..8]);
        var answer = await _clients.AskAsync(
            $"trigger {dag}", (peers, by) => peers.Dag(dag).TriggerAsync(new TriggerRun { Run = NewId(), By = by }, default), answer => answer.Run is not null);
        if (answer.Run is not { } run || !cluster.Auditor.Runs.ContainsKey(run)) cluster.Fail($"a trigger of {dag} has no run: {answer}");
    }

    // Two people want the same id at once, for the same DAG or for two.
    private async Task CollideAsync(DagId one, DagId other)
    {
        var run = RunId.Create(RunKind.Manual, cluster.Scheduler.Now, Chance.Guid().ToString("N")[..8]);
        Task<RunTriggered> AskAsync(DagId dag) => _clients.AskAsync(
            $"trigger {dag} as {run}", (peers, by) => peers.Dag(dag).TriggerAsync(new TriggerRun { Run = run, By = by }, default), answer => answer.Run is not null);
        var answers = await Task.WhenAll(AskAsync(one), AskAsync(other));
        if (answers.Count(answer => answer.Run == run) != 1 || !answers.Any(answer => answer.Exists))
            cluster.Fail($"{run} was given to {one} and {other}: {answers[0]}, {answers[1]}");
    }

    private Task<CommandReply> ClearAsync(RunId run)
    {
        var graph = _graphs[cluster.Auditor.Runs[run].VersionHash];
        var clear = new ClearTasks
        {
            Tasks = Chance.Happens(0.4) ? [] : [Chance.Of(graph.Spec.Tasks).Id],
            Downstream = Chance.Happens(0.5),
            OnlyFailed = Chance.Happens(0.5),
        };
        return _clients.AskAsync(
            $"clear {run} {string.Join(",", clear.Tasks)} {clear.Downstream} {clear.OnlyFailed}",
            (peers, by) => peers.Run(run).ClearAsync(clear with { By = by }, default), answer => answer.Accepted);
    }

    private RunId? SomeRun() => cluster.Auditor.Runs.Count == 0 ? null : Chance.Of([.. cluster.Auditor.Runs.Keys]);

    private Task<CommandReply> SizeAsync(string pool, int slots) => _clients.AskAsync(
        $"{pool} gets {slots}", (peers, by) => peers.Pool(pool).SetSlotsAsync(new SetSlots(slots) { By = by }, default), answer => answer.Accepted);

    private Task<PauseSet> PauseAsync(DagId dag, bool paused) => _clients.AskAsync(
        $"pause {dag}: {paused}", (peers, by) => peers.Dag(dag).SetPausedAsync(new SetPaused(paused) { By = by }, default), answer => answer.Known);
}
