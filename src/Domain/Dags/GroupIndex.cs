using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags;

/// <summary>Which groups a task stands in: its id begins with theirs. Immutable and thread-safe.</summary>
/// <param name="groups">The groups of a DAG.</param>
public sealed class GroupIndex(IEnumerable<GroupSpec> groups)
{
    private readonly HashSet<string> _ids = groups.Select(group => group.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>The groups around a task, innermost first.</summary>
    public IReadOnlyList<string> Around(TaskId task)
    {
        var around = new List<string>();
        if (_ids.Count == 0) return around;
        for (var dot = task.Value.LastIndexOf('.'); dot > 0; dot = task.Value.LastIndexOf('.', dot - 1))
            if (_ids.Contains(task.Value[..dot])) around.Add(task.Value[..dot]);
        return around;
    }
}
