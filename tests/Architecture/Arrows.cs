namespace OrleansFlow.Tests.Architecture;

/// <summary>Which project may reference which: the table of the architecture page.</summary>
internal static class Arrows
{
    private static readonly string[] Everything = ["*"];

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Domain"] = [],
        ["DagFiles"] = ["Domain"],
        ["Scheduling"] = ["Domain"],
        ["Grains.Abstractions"] = ["Scheduling"],
        ["Grains"] = ["Grains.Abstractions"],
        ["Silo"] = Everything,
        ["Standalone"] = Everything,
        ["Storage.Postgres"] = ["Scheduling"],
        ["Storage.InMemory"] = ["Scheduling"],
        ["TaskRuntime"] = ["Domain"],
        ["Execution.Kubernetes"] = ["Scheduling"],
        ["Execution.LocalProcess"] = ["Scheduling", "TaskRuntime"],
        ["FakeCluster"] = [],
        ["Artifacts.S3"] = ["TaskRuntime", "Scheduling"],
        ["Artifacts.LocalFolder"] = ["TaskRuntime", "Scheduling"],
        ["Contracts"] = [],
        ["Rpc"] = [],
        ["Api"] = ["Scheduling", "DagFiles", "Contracts", "Rpc"],
        // Beside the layers, as the picture has it: it hears what the core tells through a port of the core, as the stores do.
        ["Telemetry"] = ["Scheduling"],
        ["Agent"] = ["TaskRuntime", "Contracts", "Rpc", "Artifacts.S3", "Artifacts.LocalFolder"],
        ["Client"] = ["Domain", "Contracts", "Rpc"],
        ["Cli"] = ["Client", "DagFiles", "Standalone"],
        ["Dashboard"] = [],
    };

    /// <summary>Never allowed, although the row above says "everything".</summary>
    private static readonly HashSet<(string From, string To)> Forbidden =
    [
        ("Standalone", "Grains.Abstractions"), ("Standalone", "Grains"), ("Standalone", "Silo"), ("Standalone", "Cli"), ("Silo", "Cli"),
    ];

    public static bool Knows(string project) => Allowed.ContainsKey(project);

    public static bool Permits(string from, string to) =>
        Allowed.TryGetValue(from, out var targets)
        && (targets == Everything || targets.Contains(to, StringComparer.Ordinal))
        && !Forbidden.Contains((from, to));
}
