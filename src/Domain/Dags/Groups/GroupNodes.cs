namespace OrleansFlow.Domain.Dags.Groups;

/// <summary>A group as it was written; the DAG itself is the outermost one, without an id.</summary>
/// <typeparam name="TPlace">Where something was written, for those who report problems.</typeparam>
/// <param name="id">The full id.</param>
/// <param name="parent">The group around it; null for the DAG itself.</param>
public class GroupNode<TPlace>(string id, GroupNode<TPlace>? parent)
{
    /// <summary>The full id; empty for the DAG itself.</summary>
    public string Id { get; } = id;

    /// <summary>The group around it; null for the DAG itself.</summary>
    public GroupNode<TPlace>? Parent { get; } = parent;

    /// <summary>How many groups are around it.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>What comes before its first tasks.</summary>
    public virtual IReadOnlyList<NeedName<TPlace>> Needs { get; init; } = [];

    /// <summary>The full id of something in this group.</summary>
    public string Qualify(string name) => Id.Length == 0 ? name : $"{Id}.{name}";
}

/// <summary>A task as it was written, as far as others are concerned.</summary>
/// <typeparam name="TPlace">Where something was written.</typeparam>
/// <param name="Id">The full id.</param>
/// <param name="Group">The group it stands in.</param>
/// <param name="Needs">What comes before it.</param>
/// <param name="Inputs">The files it reads.</param>
public sealed record TaskNode<TPlace>(
    string Id, GroupNode<TPlace> Group, IReadOnlyList<NeedName<TPlace>> Needs, IReadOnlyList<InputName<TPlace>> Inputs);

/// <summary>A task or a group that is needed.</summary>
/// <typeparam name="TPlace">Where something was written.</typeparam>
/// <param name="Name">As it was written.</param>
/// <param name="IsOptional">Whether it is fine that there is no such task.</param>
/// <param name="Place">Where it was written.</param>
public readonly record struct NeedName<TPlace>(string Name, bool IsOptional, TPlace Place);

/// <summary>A file of another task.</summary>
/// <typeparam name="TPlace">Where something was written.</typeparam>
/// <param name="Name">Its name below <c>$FLOW_INPUTS</c>.</param>
/// <param name="Source"><c>task/file</c>, as it was written.</param>
/// <param name="Place">Where it was written.</param>
public readonly record struct InputName<TPlace>(string Name, string Source, TPlace Place);

/// <summary>What the names of a task stand for.</summary>
/// <param name="Needs">The tasks directly above it, each once, in the order of their ids.</param>
/// <param name="Inputs">Its files by name.</param>
public sealed record ResolvedNames(
    IReadOnlyList<Identifiers.TaskId> Needs, IReadOnlyDictionary<string, InputRef> Inputs);

/// <summary>Told what is wrong with names.</summary>
/// <typeparam name="TPlace">Where something was written.</typeparam>
public interface INameProblems<in TPlace>
{
    /// <summary>Something is wrong.</summary>
    void Error(TPlace place, string message);

    /// <summary><c>" Did you mean 'x'?"</c> or the empty string.</summary>
    string Hint(string word, IEnumerable<string> candidates);
}
