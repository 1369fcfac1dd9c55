using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>Every field of a DAG and of a group.</summary>
internal static class DagFields
{
    private static readonly Kind<YamlMap> TaskDefaults = Kinds.Map("a map of task fields", () => Ref("task"));

    private static readonly Kind<YamlMap> TasksById = Kinds.Map("a map of tasks", () => ById("task"));

    private static readonly Kind<YamlMap> GroupsById = Kinds.Map("a map of groups", () => ById("group"));

    private static readonly Kind<IReadOnlyDictionary<string, JsonObject>> Params = new(
        "a map of JSON schemas",
        () => new JsonObject { ["type"] = "object", ["additionalProperties"] = Kinds.Type("object") },
        ReadParams);

    public static readonly FieldTable<DagDraft> Dag = new(
        "dag",
        Spec("dag", Kinds.Text, null, "The DAG's id, unique in an installation.", (d, v) => d with { Id = new DagId(v) }) with { IsRequired = true },
        Spec("description", Kinds.Text, null, "One line for people.", (d, v) => d with { Description = v }),
        Spec("docs", Kinds.Text, null, "Markdown, shown in the UI.", (d, v) => d with { Docs = v }),
        Spec("tags", Kinds.Texts, null, "Words to find it by.", (d, v) => d with { Tags = v }),
        Spec("owner", Kinds.Text, null, "Who answers for it.", (d, v) => d with { Owner = v }),
        Spec("schedule", ScheduleKinds.Schedule, null, "When its runs are due: a cron text, a macro such as @daily, or a map. Without it, runs are triggered by hand.", (d, v) => d with { Schedule = v }),
        Spec("paused", Kinds.Flag, false, "Whether it starts out paused when it is applied for the first time.", (d, v) => d with { Paused = v }),
        Spec("max_active_runs", Kinds.Integer(1), 16, "How many of its runs may run at once.", (d, v) => d with { MaxActiveRuns = v }),
        Spec("max_active_tasks", Kinds.Integer(1), null, "How many tasks of one run may be active at once.", (d, v) => d with { MaxActiveTasks = v }),
        Spec("run_timeout", Kinds.Duration, null, "How long a run may take from its start.", (d, v) => d with { RunTimeout = v }),
        Spec("params", Params, null, "The parameters of a run by name, each a JSON schema; one with a default may be left out.", (d, v) => d with { Params = v }),
        Spec("env", Kinds.TextByName, null, "Environment variables of every task; values are templates.", (d, v) => d with { Env = v }),
        Draft("defaults", TaskDefaults, "Fields of every task; groups and tasks override them.", (d, v) => d with { Defaults = v }),
        Draft("groups", GroupsById, "Groups of tasks by id; the id of a task in a group is group.task.", (d, v) => d with { Groups = v }),
        Draft("tasks", TasksById, "The tasks by id.", (d, v) => d with { Tasks = v }),
        Spec("on_success", CallbackKinds.Callbacks, null, "A webhook or a command that is told when a run succeeds.", (d, v) => d with { OnSuccess = v }),
        Spec("on_failure", CallbackKinds.Callbacks, null, "The same, when a run fails.", (d, v) => d with { OnFailure = v }));

    public static readonly FieldTable<GroupDraft> Group = new(
        "group",
        new Field<GroupDraft, string>("description", Kinds.Text, null, "One line for people.", (g, v) => g with { Description = v }),
        new Field<GroupDraft, IReadOnlyList<NeedName<YamlNode>>>("needs", GraphKinds.Needs, null, "The tasks or groups that come before the group's first tasks.", (g, v) => g with { Needs = v }),
        new Field<GroupDraft, YamlMap>("defaults", TaskDefaults, null, "Fields of every task of the group.", (g, v) => g with { Defaults = v }),
        new Field<GroupDraft, YamlMap>("groups", GroupsById, null, "Groups within the group.", (g, v) => g with { Groups = v }),
        new Field<GroupDraft, YamlMap>("tasks", TasksById, null, "The tasks by their id within the group.", (g, v) => g with { Tasks = v }));

    private static bool ReadParams(YamlNode node, Problems problems, [MaybeNullWhen(false)] out IReadOnlyDictionary<string, JsonObject> value)
    {
        var schemas = new Dictionary<string, JsonObject>();
        value = schemas;
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected a map of names and JSON schemas, got {node.Kind}");
            return false;
        }

        foreach (var (key, schema) in map.Entries)
        {
            if (schema is YamlMap)
                schemas[key.Text] = (JsonObject)YamlJson.From(schema)!;
            else if (schema.IsNull)
                schemas[key.Text] = [];
            else
                problems.Error(schema, $"a parameter is a JSON schema, got {schema.Kind}: write {{ default: ... }} to give it a default");
        }

        return true;
    }

    private static JsonObject Ref(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static JsonObject ById(string name) => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = IdRules.Pattern, ["maxLength"] = IdRules.MaxLength },
        ["additionalProperties"] = Ref(name),
    };

    private static Field<DagDraft, T> Spec<T>(string name, Kind<T> kind, JsonNode? fallback, string description, Func<DagSpec, T, DagSpec> set) =>
        new(name, kind, fallback, description, (draft, value) => draft with { Spec = set(draft.Spec, value) });

    private static Field<DagDraft, YamlMap> Draft(string name, Kind<YamlMap> kind, string description, Func<DagDraft, YamlMap, DagDraft> set) =>
        new(name, kind, null, description, set);
}
