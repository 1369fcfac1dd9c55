using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags.Groups;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The fields that name other tasks.</summary>
internal static class GraphKinds
{
    private sealed record NeedDraft(string? Task, bool IsOptional);

    private static readonly FieldTable<NeedDraft> NeedFields = new(
        "need",
        new Field<NeedDraft, string>("task", Kinds.Text, null, "The task or group that comes before.", (need, v) => need with { Task = v }) { IsRequired = true },
        new Field<NeedDraft, bool>("optional", Kinds.Flag, false, "Whether it is fine that there is no such task.", (need, v) => need with { IsOptional = v }));

    private static readonly Kind<NeedName<YamlNode>> Need = new(
        "a task or group",
        () => Kinds.AnyOf(Kinds.Type("string"), NeedFields.Schema()),
        ReadNeed);

    /// <summary>The value of <c>needs</c>.</summary>
    public static readonly Kind<IReadOnlyList<NeedName<YamlNode>>> Needs = Kinds.ManyOf("a list of tasks and groups", Need);

    /// <summary>The value of <c>inputs</c>.</summary>
    public static readonly Kind<IReadOnlyList<InputName<YamlNode>>> Inputs = new(
        "a map of task/file",
        () => new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[^/]+/.+" } },
        ReadInputs);

    private static bool ReadNeed(YamlNode node, Problems problems, out NeedName<YamlNode> value)
    {
        value = default;
        if (node is not YamlMap map)
        {
            if (!Kinds.Text.Read(node, problems, out var name)) return false;
            value = new NeedName<YamlNode>(name, false, node);
            return true;
        }

        if (NeedFields.Read(map, new NeedDraft(null, false), problems) is not { Task: { } task } need) return false;
        value = new NeedName<YamlNode>(task, need.IsOptional, map.Find("task")!);
        return true;
    }

    private static bool ReadInputs(YamlNode node, Problems problems, out IReadOnlyList<InputName<YamlNode>> value)
    {
        var inputs = new List<InputName<YamlNode>>();
        value = inputs;
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected a map such as {{ data: fetch_data/loans.csv }}, got {node.Kind}");
            return false;
        }

        foreach (var (key, source) in map.Entries)
            if (!source.IsNull && Kinds.Text.Read(source, problems, out var text))
                inputs.Add(new InputName<YamlNode>(key.Text, text, source));
        return true;
    }
}
