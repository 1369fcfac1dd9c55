using OrleansFlow.Tests.EndToEnd.Harness;
using OrleansFlow.Tests.EndToEnd.Telemetry;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>A run is one trace, whichever silos work on it.</summary>
public sealed class TracingTests
{
    [Fact]
    public async Task ARun_IsOneTrace_AlsoWhenItsSiloIsLost()
    {
        using var collector = new OtlpCollector();
        await using var silos = await Silos.StartAsync(0);
        await silos.AddAsync(Exporting(collector));
        await silos.AddAsync(Exporting(collector));
        await silos.TriggerAsync(6, "echo $TRACEPARENT > %G/$FLOW_RUN_ID.trace-$FLOW_EPOCH");

        await silos.All[0].Process.KillAsync();
        await silos.LostAsync();
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[1]);

        var again = await collector.FindAsync(span => IsMiddle(span, "2"), "an attempt in place of a lost one");
        var id = again.Tags["orleansflow.run.id"];
        var lost = await collector.FindAsync(span => IsMiddle(span, "1") && span.Tags["orleansflow.run.id"] == id, "the lost attempt");
        var run = await collector.FindAsync(span => span.Name == "run chain" && span.Tags["orleansflow.run.id"] == id, "the span of the run");
        lost.Tags["orleansflow.cause"].ShouldBe("host_lost");
        run.Tags["orleansflow.state"].ShouldBe("success");
        new[] { lost, again }.ShouldAllBe(attempt => attempt.Trace == run.Trace && attempt.Parent == run.Id);
        silos.Home.Read($"{id}.trace-1").ShouldBe($"00-{run.Trace}-{lost.Id}-01");
        silos.Home.Read($"{id}.trace-2").ShouldBe($"00-{run.Trace}-{again.Id}-01");
        await collector.FindAsync(span => span.Name == "commit task" && span.Parent == again.Id, "a commit of the second attempt");
    }

    private static bool IsMiddle(CollectedSpan span, string epoch) =>
        span.Name == "task middle" && span.Tags.GetValueOrDefault("orleansflow.attempt.epoch") == epoch;

    private static Installation Exporting(OtlpCollector collector)
    {
        var folder = new Installation();
        folder.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address;
        folder.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        folder.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "50";
        return folder;
    }
}
