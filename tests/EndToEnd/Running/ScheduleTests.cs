using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

public class ScheduleTests
{
    [Fact]
    public async Task Schedule_FiresWhileAHostIsUp_OneRowPerFire_AlsoAcrossAKilledHost()
    {
        await using var flow = new Installation();
        await flow.OkAsync("dags", "apply", flow.Dag("tick.yaml", """
            dag: tick
            schedule: { every: 1s, start: 2024-01-01 }
            tasks: { a: { script: "echo $FLOW_LOGICAL_DATE >> %G/ticks" } }
            """));
        var keeper = flow.Dag("keeper.yaml", "dag: keeper\ntasks: { keep: { script: 'while [ ! -e %G/leave ]; do sleep 0.05; done' } }\n");
        var host = await flow.StartAsync("run", keeper);
        await host.SaysAsync("keep: running");
        await FiresAsync(flow, 3);

        await host.KillAsync();
        var before = (await RunsAsync(flow)).Count;
        var next = await flow.StartAsync("runs", "watch", "keeper@latest");
        await next.SaysAsync("this process hosts the engine now");
        var runs = await FiresAsync(flow, before + 3);
        flow.Open("leave");
        (await next.EndAsync()).ExitCode.ShouldBe(0);

        runs.Select(run => run.Kind).Distinct().ShouldBe(["scheduled"]);
        runs.Select(run => run.LogicalDate).ShouldBeUnique();
        runs.ShouldAllBe(run => run.LogicalDate.Millisecond == 0);
        runs.ShouldAllBe(run => run.Run.StartsWith("scheduled-"));
    }

    [Fact]
    public async Task PausedDag_DoesNotFire_AndTheLatestMissedFireFollowsWhenItIsUnpaused()
    {
        await using var flow = new Installation();
        await flow.OkAsync("dags", "apply", flow.Dag("tick.yaml", """
            dag: tick
            paused: true
            schedule: { every: 1d, start: 2024-01-01 }
            tasks: { a: { noop: {} } }
            """));
        await flow.RunAsync(flow.Dag("other.yaml", "dag: other\ntasks: { a: { noop: {} } }\n"));
        (await RunsAsync(flow)).ShouldBeEmpty();

        await flow.OkAsync("dags", "unpause", "tick");
        await flow.RunAsync(flow.Dag("other.yaml", "dag: other\ntasks: { a: { noop: {} } }\n"));

        (await RunsAsync(flow)).Count.ShouldBeLessThanOrEqualTo(1);
    }

    private static async Task<IReadOnlyList<Fire>> FiresAsync(Installation flow, int count) =>
        await Eventually.FindAsync(async () => await RunsAsync(flow) is var runs && runs.Count(run => run.State == "success") >= count ? runs : null, $"{count} fires");

    private static async Task<List<Fire>> RunsAsync(Installation flow) =>
        [.. JsonDocument.Parse((await flow.OkAsync("runs", "list", "--dag", "tick", "-o", "json")).Out).RootElement.EnumerateArray()
            .Select(run => new Fire(
                run.GetProperty("run").GetString()!, run.GetProperty("kind").GetString()!, run.GetProperty("state").GetString()!, run.GetProperty("logicalDate").GetDateTimeOffset()))];

    private sealed record Fire(string Run, string Kind, string State, DateTimeOffset LogicalDate);
}
