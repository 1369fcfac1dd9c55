using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Telemetry;

/// <summary>A run is one trace, whoever works on it.</summary>
public sealed class TraceTests
{
    private const string CallersTrace = "11112222333344445555666677778888";

    private const string Long =
        """
        dag: long
        tasks:
          train:
            command: [sh, -c, 'echo "$TRACEPARENT" > "%G/trace-$FLOW_EPOCH"; touch "%G/started-$FLOW_EPOCH"; until [ -e "%G/end" ]; do sleep 0.05; done']
        """;

    [Fact]
    public async Task ARun_IsOneTrace_OverARetry_OnAnotherHost_AndLinkedWithItsCallers()
    {
        using var collector = new OtlpCollector();
        await using var flow = new Installation();
        Export(flow, collector);
        using (var first = await ApiServer.StartAsync(flow))
        {
            await flow.OkAsync("dags", "apply", flow.Dag("long.yaml", Long));
            flow.Environment["TRACEPARENT"] = $"00-{CallersTrace}-aaaabbbbccccdddd-01";
            await flow.OkAsync("dags", "trigger", "long", "--no-wait");
            flow.Environment.Remove("TRACEPARENT");
            await flow.OpenedAsync("started-1");
            await first.Process.KillAsync();
        }

        using var second = await ApiServer.StartAsync(flow);
        await flow.OpenedAsync("started-2");
        flow.Open("end");
        var run = await collector.FindAsync(span => span.Name == "run long", "the span of the run");
        var attempts = new[]
        {
            await collector.FindAsync(span => IsAttempt(span, "1"), "the first attempt"),
            await collector.FindAsync(span => IsAttempt(span, "2"), "the second attempt"),
        };

        run.Parent.ShouldBe("");
        run.Tags["orleansflow.state"].ShouldBe("success");
        attempts.ShouldAllBe(attempt => attempt.Trace == run.Trace && attempt.Parent == run.Id);
        attempts[0].Tags["orleansflow.cause"].ShouldBe("host_lost");
        flow.Read("trace-1").ShouldBe($"00-{run.Trace}-{attempts[0].Id}-01");
        flow.Read("trace-2").ShouldBe($"00-{run.Trace}-{attempts[1].Id}-01");
        await collector.FindAsync(span => span.Name == "commit task" && span.Trace == run.Trace && span.Parent == attempts[1].Id, "a commit of the second attempt");
        var command = await collector.FindAsync(span => span.Name == "ask dag" && span.Trace == CallersTrace, "the command in its caller's trace");
        command.LinkedTraces.ShouldContain(run.Trace);
        var received = await collector.FindAsync(span => span.Name == "ask dag" && span.Trace == run.Trace, "the command in the run's trace");
        received.LinkedTraces.ShouldBe([CallersTrace]);
    }

    [Fact]
    public async Task ARunWithoutAServer_IsATraceToo()
    {
        using var collector = new OtlpCollector();
        await using var flow = new Installation();
        Export(flow, collector);
        await flow.OkAsync("run", flow.Dag("quick.yaml", "dag: quick\ntasks:\n  one:\n    command: [\"true\"]\n"));
        var run = await collector.FindAsync(span => span.Name == "run quick", "the span of the run");
        var task = await collector.FindAsync(span => span.Name == "task one", "the span of the task");
        task.Parent.ShouldBe(run.Id);
    }

    private static void Export(Installation flow, OtlpCollector collector)
    {
        flow.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address;
        flow.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        flow.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "50";
    }

    private static bool IsAttempt(CollectedSpan span, string epoch) => span.Name == "task train" && span.Tags.GetValueOrDefault("orleansflow.attempt.epoch") == epoch;
}
