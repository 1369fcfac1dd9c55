using OrleansFlow.DagFiles.Fields;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;

namespace OrleansFlow.DagFiles;

/// <summary>A group of the file; the file itself is the outermost one, without an id.</summary>
internal sealed class TaskGroup(string id, TaskGroup? parent, YamlNode place, GroupDraft draft) : GroupNode<YamlNode>(id, parent)
{
    public YamlNode Place { get; } = place;

    public GroupDraft Draft { get; } = draft;

    public override IReadOnlyList<NeedName<YamlNode>> Needs => Draft.Needs;
}

/// <summary>A task of the file.</summary>
/// <param name="Id">The full id.</param>
/// <param name="Group">The group it stands in.</param>
/// <param name="Key">Where its id is written.</param>
/// <param name="Fields">Its fields, defaults merged in; each node knows where it was really written.</param>
/// <param name="Draft">What they say.</param>
internal sealed record TaskEntry(string Id, TaskGroup Group, YamlScalar Key, YamlMap Fields, TaskDraft Draft);

/// <summary>All groups and tasks of a file with <c>defaults</c> merged: <c>defaults</c> of the DAG, then of each group, then the task.</summary>
internal sealed class TaskTree
{
    private readonly Problems _problems;
    private readonly List<TaskGroup> _groups = [];
    private readonly List<TaskEntry> _tasks = [];

    private TaskTree(Problems problems) => _problems = problems;

    /// <summary>Groups within a group come before it; the file itself comes last.</summary>
    public IReadOnlyList<TaskGroup> InnermostFirst => _groups;

    /// <summary>The tasks in the order of the file: of each group first its own, then those of the groups within it.</summary>
    public IReadOnlyList<TaskEntry> Tasks => _tasks;

    public static TaskTree Read(YamlMap root, DagDraft dag, Problems problems)
    {
        var tree = new TaskTree(problems);
        var whole = new GroupDraft { Defaults = dag.Defaults, Groups = dag.Groups, Tasks = dag.Tasks };
        tree.Walk(new TaskGroup("", null, root, whole), null);
        return tree;
    }

    private void Walk(TaskGroup group, YamlMap? outerDefaults)
    {
        var defaults = group.Draft.Defaults is { } own ? YamlMerge.Merge(Inheritable(outerDefaults, own), own) : outerDefaults;
        if (group.Draft.Defaults is { } written)
            TaskFields.Table.Read(written, TaskDraft.New("defaults"), _problems);

        foreach (var (key, value) in group.Draft.Tasks?.Entries ?? [])
            ReadTask(group, key, value, defaults);
        foreach (var (key, value) in group.Draft.Groups?.Entries ?? [])
            ReadGroup(group, key, value, defaults);
        _groups.Add(group);
    }

    private void ReadTask(TaskGroup group, YamlScalar key, YamlNode value, YamlMap? defaults)
    {
        var own = value as YamlMap;
        if (own is null && !value.IsNull)
        {
            _problems.Error(value, $"expected the fields of a task, got {value.Kind}");
            return;
        }

        own ??= new YamlMap([], key.Line, key.Column);
        var fields = YamlMerge.Merge(Inheritable(defaults, own), own);
        var id = group.Qualify(key.Text);
        var draft = TaskFields.Table.Read(fields, TaskDraft.New(id), _problems);
        draft = draft with { Spec = draft.Finish(TaskActions.Choose(draft, key, own, fields, _problems)) };
        _tasks.Add(new TaskEntry(id, group, key, fields, draft));
    }

    private void ReadGroup(TaskGroup parent, YamlScalar key, YamlNode value, YamlMap? defaults)
    {
        if (value is not YamlMap map)
        {
            _problems.Error(value, $"expected the fields of a group, got {value.Kind}");
            return;
        }

        var group = new TaskGroup(parent.Qualify(key.Text), parent, key, DagFields.Group.Read(map, new GroupDraft(), _problems));
        var before = _tasks.Count;
        Walk(group, defaults);
        if (_tasks.Count == before) _problems.Error(key, "the group has no tasks: add one under 'tasks', or remove the group");
    }

    /// <summary>What is inherited: whoever says what it does itself takes no action from its defaults.</summary>
    private static YamlMap? Inheritable(YamlMap? defaults, YamlMap own) =>
        defaults is null || !own.Entries.Any(entry => TaskActions.IsAction(entry.Name)) ? defaults
            : new YamlMap([.. defaults.Entries.Where(entry => !TaskActions.IsAction(entry.Name) && entry.Name != "args")], defaults.Line, defaults.Column);
}
