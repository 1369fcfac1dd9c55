using OrleansFlow.DagFiles.Fields;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.DagFiles;

/// <summary>
/// Reads DAG files: YAML to nodes with places, nodes to drafts by the field tables, drafts to a <see cref="DagSpec"/>, which the
/// domain judges. Thread-safe.
/// </summary>
public static class DagFile
{
    /// <summary>Reads a file of at most 8 MiB, UTF-8. Bad input is a result with problems, never an exception.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="path">The name that problems show.</param>
    public static DagFileResult Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var problems = new Problems(path);
        var spec = Read(bytes, problems);
        return new DagFileResult(problems.Errors == 0 ? spec : null, problems.InOrder());
    }

    /// <summary>Takes a stream to its end, or until it is longer than a DAG file may be: whoever parses that says so.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static ReadOnlyMemory<byte> Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int count; content.Length <= SourceText.MaxBytes && (count = stream.Read(chunk)) > 0;)
            content.Write(chunk, 0, count);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    private static DagSpec? Read(ReadOnlySpan<byte> bytes, Problems problems)
    {
        if (SourceText.Decode(bytes, problems) is not { } text || YamlReader.Read(text, problems) is not { } root)
            return null;
        if (root is not YamlMap map)
        {
            problems.Error(root, $"a DAG file is a map with 'dag:' and 'tasks:', this one holds {root.Kind}");
            return null;
        }

        var dag = DagFields.Dag.Read(map, new DagDraft { Spec = new DagSpec { Id = new DagId("unnamed"), Tasks = [] } }, problems);
        var tree = TaskTree.Read(map, dag, problems);
        var spec = dag.Spec with
        {
            Tasks = Resolve(tree, problems),
            Groups = [.. Groups(tree)],
        };

        var places = new Places(map, tree);
        foreach (var problem in DagValidator.Validate(spec))
            problems.Add(places.Find(problem.At), problem);
        return spec;
    }

    private static IReadOnlyList<TaskSpec> Resolve(TaskTree tree, Problems problems)
    {
        var nodes = tree.Tasks.Select(task => new TaskNode<YamlNode>(task.Id, task.Group, task.Draft.Needs, task.Draft.Inputs)).ToList();
        var names = NeedsResolver.Resolve(tree.InnermostFirst, nodes, problems);
        return [.. tree.Tasks.Zip(names, (task, of) => task.Draft.Spec with { Needs = of.Needs, Inputs = of.Inputs })];
    }

    private static IEnumerable<GroupSpec> Groups(TaskTree tree) =>
        from @group in tree.InnermostFirst
        where @group.Parent is not null
        orderby @group.Place.Line, @group.Place.Column
        select new GroupSpec { Id = @group.Id, Description = @group.Draft.Description };
}
