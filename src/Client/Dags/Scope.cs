using OrleansFlow.Domain.Dags.Groups;

namespace OrleansFlow.Client.Dags;

/// <summary>What a DAG or a group holds, in the order in which it was added.</summary>
internal sealed class Scope
{
    public TaskBuilder? Defaults { get; private set; }

    public List<(string Id, TaskBuilder Task)> Tasks { get; } = [];

    public List<(string Id, GroupBuilder Group)> Groups { get; } = [];

    public string? Description { get; set; }

    public List<NeedName<IReadOnlyList<string>>> Needs { get; } = [];

    public void AddDefaults(Action<TaskBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(Defaults ??= new TaskBuilder());
    }

    public void AddTask(string id, Action<TaskBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(configure);
        var task = new TaskBuilder();
        configure(task);
        Tasks.Add((id, task));
    }

    public void AddGroup(string id, Action<GroupBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(configure);
        var group = new GroupBuilder();
        configure(group);
        Groups.Add((id, group));
    }
}
