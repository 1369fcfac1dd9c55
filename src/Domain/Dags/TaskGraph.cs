using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags;

/// <summary>
/// The arrows of a DAG by index, for everything that walks it: index i is the i-th task of <see cref="DagSpec.Tasks"/>.
/// Needs that name no task are left out. Immutable and thread-safe; building it is O(V + E).
/// </summary>
internal sealed class TaskGraph
{
    private readonly Dictionary<TaskId, int> _indexes;
    private readonly int[][] _needs;
    private readonly int[][] _dependents;

    /// <summary>Builds the graph of a DAG.</summary>
    public TaskGraph(IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tasks = tasks;
        _indexes = new Dictionary<TaskId, int>(tasks.Count);
        for (var i = 0; i < tasks.Count; i++) _indexes.TryAdd(tasks[i].Id, i);

        _needs = new int[tasks.Count][];
        for (var i = 0; i < tasks.Count; i++)
            _needs[i] = [.. tasks[i].Needs.Select(need => IndexOf(need) ?? -1).Where(need => need >= 0).Distinct()];
        _dependents = Reverse(_needs);
        Order = Sort();
    }

    /// <summary>The tasks.</summary>
    public IReadOnlyList<TaskSpec> Tasks { get; }

    /// <summary>Upstream before downstream; tasks on a cycle, and those below one, are missing.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>Whether the arrows run in a circle somewhere.</summary>
    public bool HasCycle => Order.Count < Tasks.Count;

    /// <summary>The index of a task; null when there is none of that id.</summary>
    public int? IndexOf(TaskId task) => _indexes.TryGetValue(task, out var index) ? index : null;

    /// <summary>The tasks directly upstream, each once.</summary>
    public IReadOnlyList<int> Needs(int task) => _needs[task];

    /// <summary>The tasks directly downstream, each once.</summary>
    public IReadOnlyList<int> Dependents(int task) => _dependents[task];

    /// <summary>
    /// Cycles in the direction of the flow, each beginning with its first task in the file: at least one when there are any,
    /// and none that shares a task with another.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Cycles()
    {
        if (!HasCycle) return [];

        const int unknown = -1, sorted = -2;
        var walkOf = new int[Tasks.Count];
        Array.Fill(walkOf, unknown);
        foreach (var task in Order) walkOf[task] = sorted;

        var cycles = new List<IReadOnlyList<int>>();
        for (var start = 0; start < walkOf.Length; start++)
        {
            // every unsorted task needs an unsorted one, so each walk ends where some walk has been
            var walk = new List<int>();
            var at = start;
            while (walkOf[at] == unknown)
            {
                walkOf[at] = start;
                walk.Add(at);
                at = Array.Find(_needs[at], need => walkOf[need] != sorted);
            }

            if (walk.Count > 0 && walkOf[at] == start) cycles.Add(Spell(walk[walk.IndexOf(at)..]));
        }

        return cycles;
    }

    private static List<int> Spell(List<int> againstTheFlow)
    {
        againstTheFlow.Reverse();
        var first = againstTheFlow.IndexOf(againstTheFlow.Min());
        return [.. againstTheFlow[first..], .. againstTheFlow[..first]];
    }

    private static int[][] Reverse(int[][] arrows)
    {
        var counts = new int[arrows.Length];
        foreach (var targets in arrows)
            foreach (var target in targets)
                counts[target]++;

        var reversed = new int[arrows.Length][];
        for (var i = 0; i < arrows.Length; i++) reversed[i] = counts[i] == 0 ? [] : new int[counts[i]];
        for (var i = arrows.Length - 1; i >= 0; i--)
            foreach (var target in arrows[i])
                reversed[target][--counts[target]] = i;
        return reversed;
    }

    private List<int> Sort()
    {
        var open = Array.ConvertAll(_needs, needs => needs.Length);
        var order = new List<int>(open.Length);
        for (var i = 0; i < open.Length; i++)
            if (open[i] == 0)
                order.Add(i);

        for (var next = 0; next < order.Count; next++)
            foreach (var dependent in _dependents[order[next]])
                if (--open[dependent] == 0)
                    order.Add(dependent);
        return order;
    }
}
