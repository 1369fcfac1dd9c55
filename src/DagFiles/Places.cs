using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles;

/// <summary>Finds where in the file something was written that the validator complains about.</summary>
internal sealed class Places(YamlMap root, TaskTree tree)
{
    private readonly Dictionary<string, TaskEntry> _tasks = tree.Tasks.DistinctBy(task => task.Id).ToDictionary(task => task.Id);

    private readonly Dictionary<string, TaskGroup> _groups =
        tree.InnermostFirst.Where(group => group.Parent is not null).DistinctBy(group => group.Id).ToDictionary(group => group.Id);

    /// <summary>The node of a place as <see cref="Domain.Dags.SpecProblem.At"/> names it, or the nearest one around it.</summary>
    public YamlNode Find(IReadOnlyList<string> at) => at switch
    {
        ["tasks", var id, ..] when _tasks.TryGetValue(id, out var task) => Descend(task.Fields, task.Key, at.Skip(2)),
        ["groups", var id, ..] when _groups.TryGetValue(id, out var group) => group.Place,
        _ => Descend(root, root, at),
    };

    private static YamlNode Descend(YamlNode from, YamlNode nearest, IEnumerable<string> steps)
    {
        YamlNode? at = from;
        foreach (var step in steps)
        {
            at = at switch
            {
                YamlMap map => map.Find(step),
                YamlList list when int.TryParse(step.AsSpan().Trim("[]"), out var index) && index < list.Items.Count => list.Items[index],
                _ => null,
            };
            if (at is null) return nearest;
            nearest = at;
        }

        return nearest;
    }
}
