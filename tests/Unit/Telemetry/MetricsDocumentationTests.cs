using System.Diagnostics.Metrics;
using System.Globalization;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;

namespace OrleansFlow.Tests.Unit.Telemetry;

/// <summary><c>docs/telemetry.md</c> lists the instruments that there are.</summary>
public class MetricsDocumentationTests
{
    /// <summary>The tags of those that have some; what a host shows is held against the page in the end-to-end tests.</summary>
    private static readonly Dictionary<string, string> s_tags = new(StringComparer.Ordinal)
    {
        ["orleansflow.commit.steps"] = "kind, outcome",
        ["orleansflow.transitions"] = "kind, state",
        ["orleansflow.reports.stale"] = "event",
        ["orleansflow.attempts.ended"] = "state, cause",
        ["orleansflow.attempt.duration"] = "state",
        ["orleansflow.task.retries"] = "cause",
        ["orleansflow.coordinators.live"] = "kind",
        ["orleansflow.pool.slots"] = "pool",
        ["orleansflow.pool.used"] = "pool",
        ["orleansflow.pool.waiting"] = "pool",
    };

    [Fact]
    public void ThePage_ListsEveryInstrument()
    {
        using var meter = Measured.NewMeter();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter == meter.Meter) instruments.Add(instrument);
        };
        listener.Start();

        var page = File.ReadAllLines(PathOf("docs/telemetry.md"));
        var table = page.Where(line => line.StartsWith("| `orleansflow.", StringComparison.Ordinal));
        string.Join('\n', table).ShouldBe(string.Join('\n', instruments.OrderBy(each => each.Name, StringComparer.Ordinal).Select(Row)));
        instruments.ShouldAllBe(each => each.Description != null && each.Description.Length > 0);
    }

    private static string Row(Instrument instrument) => string.Create(
        CultureInfo.InvariantCulture,
        $"| `{instrument.Name}` | {KindOf(instrument)} | `{instrument.Unit}` | {s_tags.GetValueOrDefault(instrument.Name, "")} | {instrument.Description} |");

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };

    private static string PathOf(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansFlow.sln"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, relative);
    }
}
