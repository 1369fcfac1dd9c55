using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Runs;

/// <summary>
/// How far a run is: its row, its task instances as the run knows them, and for each task what became of those above it. Rebuilt
/// from rows at any time. Changed only by applying what was committed; one owner, not thread-safe.
/// </summary>
public sealed class RunProgress
{
    private readonly TaskInstance[][] _instances;
    private readonly UpstreamCounts[] _counts;

    /// <summary>Rebuilds the progress from rows.</summary>
    /// <param name="graph">The DAG version of the run.</param>
    /// <param name="run">The run's row.</param>
    /// <param name="tasks">Its task instances, all of them or none yet. Those that are finished but unreported count as unfinished here.</param>
    public RunProgress(DagGraph graph, DagRun run, IReadOnlyList<TaskInstance> tasks)
    {
        Graph = graph;
        Run = run;
        _instances = new TaskInstance[graph.Count][];
        _counts = new UpstreamCounts[graph.Count];
        Array.Fill(_instances, []);
        foreach (var group in tasks.GroupBy(task => graph.IndexOf(task.Key.Task)))
            if (group.Key >= 0) _instances[group.Key] = [.. group.OrderBy(task => task.Key.MapIndex)];
        for (var node = 0; node < graph.Count; node++)
            foreach (var up in graph.Upstream(node))
                _counts[node] = _instances[up].Aggregate(
                    _counts[node] with { Total = _counts[node].Total + _instances[up].Length }, (counts, task) => counts.Count(Settled(task), +1));
        Unfinished = _instances.Sum(list => list.Count(task => !Settled(task).IsFinished()));
    }

    /// <summary>The DAG version of the run.</summary>
    public DagGraph Graph { get; }

    /// <summary>The run's row as it was last committed.</summary>
    public DagRun Run { get; private set; }

    /// <summary>How many instances have not finished, or have not been acted on.</summary>
    public int Unfinished { get; private set; }

    /// <summary>The instances of a task, in the order of the map; as the run last wrote or heard of them.</summary>
    public IReadOnlyList<TaskInstance> Instances(int node) => _instances[node];

    /// <summary>All instances, in the order of the DAG.</summary>
    public IEnumerable<TaskInstance> All => _instances.SelectMany(list => list);

    /// <summary>What became of those above a task.</summary>
    public UpstreamCounts Upstream(int node) => _counts[node];

    /// <summary>An instance by its key; null when the run has none such.</summary>
    public TaskInstance? Find(TaskKey key)
    {
        var node = Graph.IndexOf(key.Task);
        var place = Math.Max(key.MapIndex, 0);
        return node >= 0 && place < _instances[node].Length && _instances[node][place].Key == key ? _instances[node][place] : null;
    }

    /// <summary>Records what was committed of the run itself.</summary>
    public void Apply(DagRun run) => Run = run;

    /// <summary>Records what was committed, or reported and acknowledged, of an instance.</summary>
    public void Apply(TaskInstance task)
    {
        var node = Graph.IndexOf(task.Key.Task);
        ref var known = ref _instances[node][Math.Max(task.Key.MapIndex, 0)];
        var (before, after) = (Settled(known), Settled(task));
        known = task;
        if (before == after) return;
        foreach (var below in Graph.Downstream(node)) _counts[below] = _counts[below].Count(before, -1).Count(after, +1);
        Unfinished += (before.IsFinished() ? 1 : 0) - (after.IsFinished() ? 1 : 0);
    }

    private static TaskState Settled(TaskInstance task) =>
        task is { Unreported: true } && task.State.IsFinished() ? TaskState.Running : task.State;
}
