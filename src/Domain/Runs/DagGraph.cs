using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Runs;

/// <summary>A DAG version compiled for scheduling: tasks by number, with those above and below. Immutable, shared by all runs of the version.</summary>
public sealed class DagGraph
{
    private readonly Dictionary<TaskId, int> _index;
    private readonly int[][] _upstream;
    private readonly int[][] _downstream;
    private readonly GroupIndex _groups;

    /// <summary>Compiles a valid DAG.</summary>
    /// <param name="spec">The DAG; needs of unknown tasks are ignored, cycles must have been refused before.</param>
    /// <param name="priorities">The effective priority weight of each task, in the order of the DAG.</param>
    public DagGraph(DagSpec spec, IReadOnlyList<long> priorities)
    {
        Spec = spec;
        Priorities = priorities;
        _groups = new GroupIndex(spec.Groups);
        _index = spec.Tasks.Select((task, i) => (task.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i);
        _upstream = [.. spec.Tasks.Select(task => task.Needs.Where(_index.ContainsKey).Select(need => _index[need]).Distinct().ToArray())];
        var below = spec.Tasks.Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < _upstream.Length; i++)
            foreach (var up in _upstream[i]) below[up].Add(i);
        _downstream = [.. below.Select(list => list.ToArray())];
    }

    /// <summary>The DAG.</summary>
    public DagSpec Spec { get; }

    /// <summary>The effective priority weights, by task number.</summary>
    public IReadOnlyList<long> Priorities { get; }

    /// <summary>How many tasks there are.</summary>
    public int Count => _upstream.Length;

    /// <summary>A task by number.</summary>
    public TaskSpec this[int task] => Spec.Tasks[task];

    /// <summary>The number of a task; -1 when this version has none of that id.</summary>
    public int IndexOf(TaskId task) => _index.GetValueOrDefault(task, -1);

    /// <summary>The groups around a task, innermost first.</summary>
    public IReadOnlyList<string> Groups(int task) => _groups.Around(this[task].Id);

    /// <summary>The tasks directly above.</summary>
    public IReadOnlyList<int> Upstream(int task) => _upstream[task];

    /// <summary>The tasks directly below.</summary>
    public IReadOnlyList<int> Downstream(int task) => _downstream[task];

    /// <summary>Whether nothing is below: a run is judged by such tasks.</summary>
    public bool IsLeaf(int task) => _downstream[task].Length == 0;

    /// <summary>Some tasks and everything below them, sorted by number.</summary>
    public IReadOnlyList<int> WithDownstream(IEnumerable<int> tasks) => [.. Reach(tasks, _downstream)];

    /// <summary>The tasks above a task, direct or not, by id.</summary>
    public IReadOnlySet<TaskId> Ancestors(int task) => Reach(_upstream[task], _upstream).Select(i => Spec.Tasks[i].Id).ToHashSet();

    private static SortedSet<int> Reach(IEnumerable<int> from, int[][] arrows)
    {
        var seen = new SortedSet<int>(from);
        var open = new Stack<int>(seen);
        while (open.TryPop(out var task))
            foreach (var next in arrows[task])
                if (seen.Add(next)) open.Push(next);
        return seen;
    }
}
