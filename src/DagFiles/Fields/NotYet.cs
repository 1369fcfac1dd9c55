using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>A field of the format that this version refuses.</summary>
/// <param name="Scope">The map it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Purpose">What it is for.</param>
internal sealed record PlannedField(string Scope, string Name, string Purpose)
{
    public string Message => $"'{Name}' ({Purpose}) is part of the file format but not available in this version yet: remove it";
}

/// <summary>
/// What is part of the format but has no machinery behind it yet. Refused rather than ignored: a DAG that means something
/// else than it says is worse than none. Enabling one is removing its row here and adding one to its field table.
/// </summary>
internal static class NotYet
{
    public static readonly IReadOnlyList<PlannedField> Fields =
    [
        new("dag", "code", "ships a folder with the DAG"),
        new("dag", "deadline", "alerts when a run is late"),
        new("schedule", "assets", "runs when data changes"),
        new("schedule", "continuous", "runs again and again"),
        new("group", "map", "maps a whole group"),
        new("group", "retry_together", "retries a group as one"),
        new("task", "branch", "chooses what follows"),
        new("task", "short_circuit", "stops what follows"),
        new("task", "sensor", "waits for a condition"),
        new("task", "trigger_dag", "starts another DAG"),
        new("task", "spark", "runs a Spark application"),
        new("task", "manifest", "runs any Kubernetes object"),
        new("task", "external", "runs in another system"),
        new("task", "depends_on_past", "waits for the task's previous run"),
        new("task", "wait_for_downstream", "waits for the previous run's next tasks"),
        new("task", "wait_for", "waits for another DAG"),
        new("task", "publish", "copies outputs to plain keys"),
        new("task", "inlets", "assets that are read"),
        new("task", "outlets", "assets that are written"),
        new("task", "setup", "marks a setup task"),
        new("task", "teardown", "marks a teardown task"),
    ];

    private static readonly Dictionary<(string, string), PlannedField> ByName = Fields.ToDictionary(f => (f.Scope, f.Name));

    public static PlannedField? Find(string scope, string name) => ByName.GetValueOrDefault((scope, name));

    /// <summary>Whether a value asks for nothing: <c>depends_on_past: false</c> is what happens anyway.</summary>
    public static bool MeansNothing(YamlNode value) =>
        value.IsNull || value is YamlScalar { IsPlain: true, Text: "false" };
}
