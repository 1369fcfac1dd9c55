using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The fields that name other tasks.</summary>
internal static class GraphKinds
{
    private sealed record NeedDraft(string? Task, bool IsOptional);

    private static readonly FieldTable<NeedDraft> NeedFields = new(
        "need",
        new Field<NeedDraft, string>("task", Kinds.Text, null, "The task or group that comes before.", (need, v) => need with { Task = v }) { IsRequired = true },
        new Field<NeedDraft, bool>("optional", Kinds.Flag, false, "Whether it is fine that there is no such task.", (need, v) => need with { IsOptional = v }));

    private static readonly Kind<NeedRef> Need = new(
        "a task or group",
        () => Kinds.AnyOf(Kinds.Type("string"), NeedFields.Schema()),
        ReadNeed);

    /// <summary>The value of <c>needs</c>.</summary>
    public static readonly Kind<IReadOnlyList<NeedRef>> Needs = Kinds.ManyOf("a list of tasks and groups", Need);

    /// <summary>The value of <c>inputs</c>.</summary>
    public static readonly Kind<IReadOnlyList<InputText>> Inputs = new(
        "a map of task/file",
        () => new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[^/]+/.+" } },
        ReadInputs);

    private static bool ReadNeed(YamlNode node, Problems problems, [MaybeNullWhen(false)] out NeedRef value)
    {
        value = null;
        if (node is not YamlMap map)
        {
            if (Kinds.Text.Read(node, problems, out var name)) value = new NeedRef(name, false, node);
        }
        else if (NeedFields.Read(map, new NeedDraft(null, false), problems) is { Task: { } task } need)
        {
            value = new NeedRef(task, need.IsOptional, map.Find("task")!);
        }

        return value is not null;
    }

    private static bool ReadInputs(YamlNode node, Problems problems, out IReadOnlyList<InputText> value)
    {
        var inputs = new List<InputText>();
        value = inputs;
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected a map such as {{ data: fetch_data/loans.csv }}, got {node.Kind}");
            return false;
        }

        foreach (var (key, source) in map.Entries)
            if (!source.IsNull && Kinds.Text.Read(source, problems, out var text))
                inputs.Add(new InputText(key.Text, text, source));
        return true;
    }
}
