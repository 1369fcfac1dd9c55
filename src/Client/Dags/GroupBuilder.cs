using OrleansFlow.Domain.Dags.Groups;

namespace OrleansFlow.Client.Dags;

/// <summary>A group of tasks while it is written; the id of a task in it is <c>group.task</c>.</summary>
public sealed class GroupBuilder
{
    internal GroupBuilder()
    {
    }

    internal Scope Scope { get; } = new();

    /// <summary>One line for people.</summary>
    public GroupBuilder Description(string text)
    {
        Scope.Description = text;
        return this;
    }

    /// <summary>The tasks or groups that come before the group's first tasks.</summary>
    public GroupBuilder Needs(params IEnumerable<string> names)
    {
        Scope.Needs.AddRange(names.Select(name => new NeedName<IReadOnlyList<string>>(name, false, [])));
        return this;
    }

    /// <summary>The same, where it is fine that there is no such task or group.</summary>
    public GroupBuilder NeedsOptionally(params IEnumerable<string> names)
    {
        Scope.Needs.AddRange(names.Select(name => new NeedName<IReadOnlyList<string>>(name, true, [])));
        return this;
    }

    /// <summary>What every task of the group says, unless it says otherwise itself.</summary>
    public GroupBuilder Defaults(Action<TaskBuilder> configure)
    {
        Scope.AddDefaults(configure);
        return this;
    }

    /// <summary>A task; its id within the group.</summary>
    public GroupBuilder Task(string id, Action<TaskBuilder> configure)
    {
        Scope.AddTask(id, configure);
        return this;
    }

    /// <summary>A group within the group.</summary>
    public GroupBuilder Group(string id, Action<GroupBuilder> configure)
    {
        Scope.AddGroup(id, configure);
        return this;
    }
}
