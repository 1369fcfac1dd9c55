using System.Text.Json.Nodes;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Telemetry;

/// <summary>A query of a panel, as Grafana sends it.</summary>
internal sealed record PanelQuery(string Dashboard, string Panel, string Expression)
{
    public override string ToString() => $"{Dashboard}, {Panel}: {Expression}";
}

/// <summary>The dashboards of the repository.</summary>
internal static class Dashboards
{
    public static IReadOnlyList<PanelQuery> Queries { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(FlowProgram.Root, "k8s", "dashboards"), "*.json").Order(StringComparer.Ordinal).SelectMany(QueriesOf),
    ];

    private static IEnumerable<PanelQuery> QueriesOf(string file)
    {
        foreach (var panel in JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray())
            foreach (var target in panel!["targets"]!.AsArray())
                yield return new PanelQuery(Path.GetFileName(file), panel["title"]!.GetValue<string>(), Fill(target!["expr"]!.GetValue<string>()));
    }

    private static string Fill(string expression) => expression
        .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
        .Replace("$instance", ".*", StringComparison.Ordinal);
}
