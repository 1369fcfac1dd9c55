using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Groups;

/// <summary>
/// Turns names into arrows. A name is looked for in the group it is used in, then in the groups around that, then as a full
/// id. To need a group is to need its last tasks; what a group needs, its first tasks need. Pure and thread-safe.
/// </summary>
public static class NeedsResolver
{
    /// <summary>The needs and inputs of each task.</summary>
    /// <typeparam name="TPlace">Where something was written.</typeparam>
    /// <param name="innermostFirst">All groups: those within a group before it, the DAG itself last.</param>
    /// <param name="tasks">All tasks.</param>
    /// <param name="problems">Told what is wrong.</param>
    public static IReadOnlyList<ResolvedNames> Resolve<TPlace>(
        IReadOnlyList<GroupNode<TPlace>> innermostFirst, IReadOnlyList<TaskNode<TPlace>> tasks, INameProblems<TPlace> problems) =>
        new NeedsResolution<TPlace>(innermostFirst, tasks, problems).Run();
}

/// <summary>The names of one DAG. Not thread-safe.</summary>
internal sealed class NeedsResolution<TPlace>
{
    /// <summary>One end of an arrow as it was written: a task by index, or a group.</summary>
    private readonly record struct End(int Task, GroupNode<TPlace>? Group);

    private sealed record Arrow(End From, End To, TPlace Place);

    private readonly IReadOnlyList<GroupNode<TPlace>> _innermostFirst;
    private readonly IReadOnlyList<TaskNode<TPlace>> _nodes;
    private readonly INameProblems<TPlace> _problems;
    private readonly Dictionary<string, int> _tasks = [];
    private readonly Dictionary<string, GroupNode<TPlace>> _groups;
    private readonly Dictionary<GroupNode<TPlace>, List<Arrow>> _arrows = [];
    private readonly Dictionary<GroupNode<TPlace>, List<int>> _members = [];
    private readonly HashSet<int>[] _needs;
    private readonly bool[] _isNeeded;
    private readonly List<KeyValuePair<string, InputRef>>[] _inputs;
    private long _count;

    public NeedsResolution(IReadOnlyList<GroupNode<TPlace>> innermostFirst, IReadOnlyList<TaskNode<TPlace>> tasks, INameProblems<TPlace> problems)
    {
        (_innermostFirst, _nodes, _problems) = (innermostFirst, tasks, problems);
        for (var i = 0; i < tasks.Count; i++) _tasks.TryAdd(tasks[i].Id, i);
        _groups = innermostFirst.Where(group => group.Parent is not null).DistinctBy(group => group.Id).ToDictionary(group => group.Id);
        _needs = [.. tasks.Select(_ => new HashSet<int>())];
        _isNeeded = new bool[tasks.Count];
        _inputs = [.. tasks.Select(_ => new List<KeyValuePair<string, InputRef>>())];
    }

    /// <summary>The needs and inputs of each task.</summary>
    public IReadOnlyList<ResolvedNames> Run()
    {
        ReadArrows();
        ExpandGroups();
        return [.. _nodes.Select((_, i) => new ResolvedNames(
            [.. _needs[i].Select(need => new TaskId(_nodes[need].Id)).Order()],
            _inputs[i].ToDictionary()))];
    }

    private void ReadArrows()
    {
        foreach (var group in _innermostFirst)
            if (group.Parent is { } parent)
                foreach (var need in group.Needs)
                    Add(need, new End(-1, group), parent);

        for (var i = 0; i < _nodes.Count; i++)
        {
            var task = _nodes[i];
            foreach (var need in task.Needs) Add(need, new End(i, null), task.Group);
            foreach (var input in task.Inputs) AddInput(input, i, task.Group);
        }
    }

    private void Add(NeedName<TPlace> need, End from, GroupNode<TPlace> scope)
    {
        if (Find(need.Name, scope) is { } to)
            Draw(from, to, need.Place);
        else if (!need.IsOptional)
            _problems.Error(need.Place, $"there is no task or group '{need.Name}'.{Hint(need.Name, scope, _tasks.Keys.Concat(_groups.Keys))}");
    }

    private void AddInput(InputName<TPlace> input, int task, GroupNode<TPlace> scope)
    {
        var slash = input.Source.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == input.Source.Length - 1)
        {
            _problems.Error(input.Place, $"expected task/file such as fetch_data/loans.csv, got '{input.Source}'");
            return;
        }

        var name = input.Source[..slash];
        switch (Find(name, scope))
        {
            case { Group: null } to:
                Draw(new End(task, null), to, input.Place);
                _inputs[task].Add(KeyValuePair.Create(input.Name, new InputRef(new TaskId(_nodes[to.Task].Id), input.Source[(slash + 1)..])));
                break;
            case { Group: not null }:
                _problems.Error(input.Place, $"'{name}' is a group: an input comes from one task, so name a task of the group");
                break;
            default:
                _problems.Error(input.Place, $"there is no task '{name}'.{Hint(name, scope, _tasks.Keys)}");
                break;
        }
    }

    private End? Find(string name, GroupNode<TPlace> scope)
    {
        for (var group = scope; group is not null; group = group.Parent)
        {
            var id = group.Qualify(name);
            if (_tasks.TryGetValue(id, out var task)) return new End(task, null);
            if (_groups.TryGetValue(id, out var found)) return new End(-1, found);
        }

        return null;
    }

    private string Hint(string name, GroupNode<TPlace> scope, IEnumerable<string> ids)
    {
        var prefix = scope.Qualify("");
        return _problems.Hint(name, ids.Select(id => prefix.Length > 0 && id.StartsWith(prefix, StringComparison.Ordinal) ? id[prefix.Length..] : id));
    }

    /// <summary>Files an arrow under the innermost group that holds both ends.</summary>
    private void Draw(End from, End to, TPlace place)
    {
        var (a, b) = (GroupAround(from), GroupAround(to));
        while (a != b)
            if (a.Depth >= b.Depth) a = a.Parent!;
            else b = b.Parent!;

        if (a == from.Group || a == to.Group || (from.Group is not null && from.Group == to.Group))
        {
            _problems.Error(place, from.Group is null
                ? $"the task is in the group '{to.Group!.Id}' and cannot need it: name tasks of the group instead"
                : $"the group '{from.Group.Id}' cannot need itself, what is in it, or what it is in");
            return;
        }

        if (!_arrows.TryGetValue(a, out var arrows)) _arrows[a] = arrows = [];
        arrows.Add(new Arrow(from, to, place));
    }

    private GroupNode<TPlace> GroupAround(End end) => end.Group?.Parent ?? _nodes[end.Task].Group;

    /// <summary>Innermost groups first: when an arrow is expanded, all arrows within its two ends are known.</summary>
    private void ExpandGroups()
    {
        foreach (var group in _innermostFirst) _members[group] = [];
        for (var i = 0; i < _nodes.Count; i++)
            for (var group = _nodes[i].Group; group.Parent is not null; group = group.Parent)
                _members[group].Add(i);

        foreach (var group in _innermostFirst)
        {
            // first and last tasks are those before any arrow of this level is drawn
            var expanded = _arrows.GetValueOrDefault(group, []).Select(arrow => (First(arrow.From), Last(arrow.To), arrow.Place)).ToList();
            foreach (var (from, to, place) in expanded) Connect(from, to, place);
        }
    }

    private List<int> First(End end) => end.Group is null ? [end.Task] : [.. _members[end.Group].Where(task => _needs[task].Count == 0)];

    private List<int> Last(End end) => end.Group is null ? [end.Task] : [.. _members[end.Group].Where(task => !_isNeeded[task])];

    private void Connect(List<int> tasks, List<int> needs, TPlace place)
    {
        _count += (long)tasks.Count * needs.Count;
        if (_count > DagLimits.MaxDependencies)
        {
            _problems.Error(place, string.Create(CultureInfo.InvariantCulture,
                $"this makes more than {DagLimits.MaxDependencies} dependencies between single tasks: put a 'noop' task between the groups"));
            return;
        }

        foreach (var task in tasks) _needs[task].UnionWith(needs);
        foreach (var need in needs) _isNeeded[need] = true;
    }
}
