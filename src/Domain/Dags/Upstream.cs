using System.Collections;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags;

/// <summary>
/// Answers "is this task above that one?" without listing all pairs: near ones by walking up, far ones from the set of
/// everything below the asked-for task, which is kept, since many tasks tend to ask for the same one. Not thread-safe.
/// </summary>
internal sealed class Upstream
{
    private const int NearSteps = 256;
    private const int MostKept = 512;

    private readonly TaskGraph _graph;
    private readonly int[] _rank;
    private readonly Dictionary<int, BitArray> _below = [];

    public Upstream(TaskGraph graph)
    {
        _graph = graph;
        _rank = new int[graph.Tasks.Count];
        for (var i = 0; i < graph.Order.Count; i++) _rank[graph.Order[i]] = i;
    }

    /// <summary>Whether a task runs only after another; tasks on cycles count as above each other.</summary>
    public bool IsAbove(int above, int task) => above != task && (Near(above, task) ?? Below(above)[task]);

    /// <summary>The tasks above a task as a set that computes on demand.</summary>
    public IReadOnlySet<TaskId> Of(int task) => new Set(this, task);

    private bool? Near(int above, int task)
    {
        var open = new Stack<int>([task]);
        for (var steps = 0; open.TryPop(out var at); steps++)
        {
            if (steps == NearSteps || _graph.HasCycle) return null;
            foreach (var need in _graph.Needs(at))
            {
                if (need == above) return true;
                if (_rank[need] > _rank[above]) open.Push(need);
            }
        }

        return false;
    }

    private BitArray Below(int task)
    {
        if (_below.TryGetValue(task, out var known)) return known;

        var below = new BitArray(_graph.Tasks.Count);
        var open = new Stack<int>([task]);
        while (open.TryPop(out var at))
            foreach (var dependent in _graph.Dependents(at))
                if (!below[dependent])
                {
                    below[dependent] = true;
                    open.Push(dependent);
                }

        if (_below.Count == MostKept) _below.Clear();
        return _below[task] = below;
    }

    private sealed class Set(Upstream upstream, int task) : IReadOnlySet<TaskId>
    {
        public int Count => Copy().Count;

        public bool Contains(TaskId item) => upstream._graph.IndexOf(item) is { } index && upstream.IsAbove(index, task);

        // only asked for when a name is wrong, to look for similar ones
        public IEnumerator<TaskId> GetEnumerator()
        {
            var seen = new HashSet<int>();
            var open = new Stack<int>([task]);
            while (open.TryPop(out var at))
                foreach (var need in upstream._graph.Needs(at))
                    if (seen.Add(need))
                        open.Push(need);
            return seen.Order().Select(index => upstream._graph.Tasks[index].Id).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public bool IsProperSubsetOf(IEnumerable<TaskId> other) => Copy().IsProperSubsetOf(other);

        public bool IsProperSupersetOf(IEnumerable<TaskId> other) => Copy().IsProperSupersetOf(other);

        public bool IsSubsetOf(IEnumerable<TaskId> other) => Copy().IsSubsetOf(other);

        public bool IsSupersetOf(IEnumerable<TaskId> other) => other.All(Contains);

        public bool Overlaps(IEnumerable<TaskId> other) => other.Any(Contains);

        public bool SetEquals(IEnumerable<TaskId> other) => Copy().SetEquals(other);

        private HashSet<TaskId> Copy()
        {
            var copy = new HashSet<TaskId>();
            foreach (var task in this) copy.Add(task);
            return copy;
        }
    }
}
