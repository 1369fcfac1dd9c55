using System.Globalization;
using OrleansFlow.DagFiles.Fields;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.DagFiles;

/// <summary>
/// Turns names into arrows. A name is looked for in the group it is used in, then in the groups around that, then as a full
/// id. To need a group is to need its last tasks; what a group needs, its first tasks need.
/// </summary>
internal sealed class NeedsResolver
{
    /// <summary>One end of an arrow as it was written: a task by index, or a group.</summary>
    private readonly record struct End(int Task, TaskGroup? Group);

    private sealed record Arrow(End From, End To, YamlNode Place);

    private readonly TaskTree _tree;
    private readonly Problems _problems;
    private readonly Dictionary<string, int> _tasks = [];
    private readonly Dictionary<string, TaskGroup> _groups;
    private readonly Dictionary<TaskGroup, List<Arrow>> _arrows = [];
    private readonly Dictionary<TaskGroup, List<int>> _members = [];
    private readonly HashSet<int>[] _needs;
    private readonly bool[] _isNeeded;
    private readonly List<KeyValuePair<string, InputRef>>[] _inputs;
    private long _count;

    private NeedsResolver(TaskTree tree, Problems problems)
    {
        (_tree, _problems) = (tree, problems);
        for (var i = 0; i < tree.Tasks.Count; i++) _tasks.TryAdd(tree.Tasks[i].Id, i);
        _groups = tree.InnermostFirst.Where(group => group.Parent is not null).DistinctBy(group => group.Id).ToDictionary(group => group.Id);
        _needs = [.. tree.Tasks.Select(_ => new HashSet<int>())];
        _isNeeded = new bool[tree.Tasks.Count];
        _inputs = [.. tree.Tasks.Select(_ => new List<KeyValuePair<string, InputRef>>())];
    }

    /// <summary>The tasks of the file with their needs and inputs resolved.</summary>
    public static IReadOnlyList<TaskSpec> Resolve(TaskTree tree, Problems problems)
    {
        var resolver = new NeedsResolver(tree, problems);
        resolver.ReadArrows();
        resolver.ExpandGroups();
        return [.. tree.Tasks.Select((task, i) => task.Draft.Spec with
        {
            Needs = [.. resolver._needs[i].Select(need => new TaskId(tree.Tasks[need].Id)).Order()],
            Inputs = resolver._inputs[i].ToDictionary(),
        })];
    }

    private void ReadArrows()
    {
        foreach (var group in _tree.InnermostFirst)
            if (group.Parent is { } parent)
                foreach (var need in group.Draft.Needs)
                    Add(need, new End(-1, group), parent);

        for (var i = 0; i < _tree.Tasks.Count; i++)
        {
            var task = _tree.Tasks[i];
            foreach (var need in task.Draft.Needs) Add(need, new End(i, null), task.Group);
            foreach (var input in task.Draft.Inputs) AddInput(input, i, task.Group);
        }
    }

    private void Add(NeedRef need, End from, TaskGroup scope)
    {
        if (Find(need.Name, scope) is { } to)
            Draw(from, to, need.Node);
        else if (!need.IsOptional)
            _problems.Error(need.Node, $"there is no task or group '{need.Name}'.{Hint(need.Name, scope, _tasks.Keys.Concat(_groups.Keys))}");
    }

    private void AddInput(InputText input, int task, TaskGroup scope)
    {
        var slash = input.Source.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == input.Source.Length - 1)
        {
            _problems.Error(input.Node, $"expected task/file such as fetch_data/loans.csv, got '{input.Source}'");
            return;
        }

        var name = input.Source[..slash];
        switch (Find(name, scope))
        {
            case { Group: null } to:
                Draw(new End(task, null), to, input.Node);
                _inputs[task].Add(KeyValuePair.Create(input.Name, new InputRef(new TaskId(_tree.Tasks[to.Task].Id), input.Source[(slash + 1)..])));
                break;
            case { Group: not null }:
                _problems.Error(input.Node, $"'{name}' is a group: an input comes from one task, so name a task of the group");
                break;
            default:
                _problems.Error(input.Node, $"there is no task '{name}'.{Hint(name, scope, _tasks.Keys)}");
                break;
        }
    }

    private End? Find(string name, TaskGroup scope)
    {
        for (var group = scope; group is not null; group = group.Parent)
        {
            var id = group.Qualify(name);
            if (_tasks.TryGetValue(id, out var task)) return new End(task, null);
            if (_groups.TryGetValue(id, out var found)) return new End(-1, found);
        }

        return null;
    }

    private string Hint(string name, TaskGroup scope, IEnumerable<string> ids)
    {
        var prefix = scope.Qualify("");
        return _problems.Hint(name, ids.Select(id => prefix.Length > 0 && id.StartsWith(prefix, StringComparison.Ordinal) ? id[prefix.Length..] : id));
    }

    /// <summary>Files an arrow under the innermost group that holds both ends.</summary>
    private void Draw(End from, End to, YamlNode place)
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

    private TaskGroup GroupAround(End end) => end.Group?.Parent ?? _tree.Tasks[end.Task].Group;

    /// <summary>Innermost groups first: when an arrow is expanded, all arrows within its two ends are known.</summary>
    private void ExpandGroups()
    {
        foreach (var group in _tree.InnermostFirst) _members[group] = [];
        for (var i = 0; i < _tree.Tasks.Count; i++)
            for (var group = _tree.Tasks[i].Group; group.Parent is not null; group = group.Parent)
                _members[group].Add(i);

        foreach (var group in _tree.InnermostFirst)
        {
            // first and last tasks are those before any arrow of this level is drawn
            var expanded = _arrows.GetValueOrDefault(group, []).Select(arrow => (First(arrow.From), Last(arrow.To), arrow.Place)).ToList();
            foreach (var (from, to, place) in expanded) Connect(from, to, place);
        }
    }

    private List<int> First(End end) => end.Group is null ? [end.Task] : [.. _members[end.Group].Where(task => _needs[task].Count == 0)];

    private List<int> Last(End end) => end.Group is null ? [end.Task] : [.. _members[end.Group].Where(task => !_isNeeded[task])];

    private void Connect(List<int> tasks, List<int> needs, YamlNode place)
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
