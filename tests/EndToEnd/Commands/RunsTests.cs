using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Commands;

public class RunsTests
{
    /// <summary>Fails until the gate is open.</summary>
    private const string Fragile = """
        dag: fragile
        tasks:
          first: { script: "echo x >> %G/first" }
          second: { needs: [first], script: "echo x >> %G/second; [ -e %G/mended ]" }
          third: { needs: [second], script: "echo x >> %G/third" }
        """;

    [Fact]
    public async Task List_FiltersByState_Dag_AndTime()
    {
        await using var flow = new Installation();
        (await flow.RunAsync(flow.Dag("fragile.yaml", Fragile))).State.ShouldBe("failed");
        await flow.RunAsync(flow.Dag("good.yaml", "dag: good\ntasks: { a: { noop: {} } }\n"));
        await flow.RunAsync(flow.Dag("good.yaml", "dag: good\ntasks: { a: { noop: {} } }\n"), "--logical-date", "2020-01-01");

        (await ListAsync(flow)).ShouldBe(["good success", "good success", "fragile failed"]);
        (await ListAsync(flow, "--state", "failed", "--since", "12h")).ShouldBe(["fragile failed"]);
        (await ListAsync(flow, "--state", "failed,success")).Count.ShouldBe(3);
        (await ListAsync(flow, "--dag", "good", "--limit", "1")).Count.ShouldBe(1);
        (await ListAsync(flow, "--since", "2099-01-01")).ShouldBeEmpty();
        (await ListAsync(flow, "--state", "running")).ShouldBeEmpty();
    }

    [Fact]
    public async Task RerunOfWhatFailed_RunsNothingElseAgain()
    {
        await using var flow = new Installation();
        var run = await flow.RunAsync(flow.Dag("fragile.yaml", Fragile));
        run.States.ShouldBe("first:success second:failed third:upstream_failed");
        flow.Open("mended");

        var again = await flow.FlowAsync("runs", "rerun", run.Run, "--failed");

        again.ExitCode.ShouldBe(0, again.Everything);
        var after = await flow.ShowAsync(run.Run);
        (after.State, after.States).ShouldBe(("success", "first:success second:success third:success"));
        (Times(flow, "first"), Times(flow, "second"), Times(flow, "third")).ShouldBe((1, 2, 1));
        after["second"].Attempts.Select(attempt => attempt.Epoch).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Rerun_RunsEverythingAgain_WithNewEpochs()
    {
        await using var flow = new Installation();
        flow.Open("mended");
        var run = await flow.RunAsync(flow.Dag("fragile.yaml", Fragile));

        await flow.OkAsync("runs", "rerun", run.Run);

        var after = await flow.ShowAsync(run.Run);
        after.State.ShouldBe("success");
        after.Tasks.ShouldAllBe(task => task.Attempts.Length == 2 && task.Attempts.Max(attempt => attempt.Epoch) == 2);
    }

    [Fact]
    public async Task Clear_WithDownstream_LeavesWhatIsAbove()
    {
        await using var flow = new Installation();
        flow.Open("mended");
        var run = await flow.RunAsync(flow.Dag("fragile.yaml", Fragile));

        await flow.OkAsync("tasks", "clear", run.Run, "second", "--downstream");
        (Times(flow, "first"), Times(flow, "second"), Times(flow, "third")).ShouldBe((1, 2, 2));
        await flow.OkAsync("tasks", "clear", run.Run, "third", "--no-wait");
        (await flow.ShowAsync(run.Run)).State.ShouldBeOneOf("queued", "running");
        await flow.OkAsync("runs", "watch", run.Run);
        (Times(flow, "first"), Times(flow, "second"), Times(flow, "third")).ShouldBe((1, 2, 3));
        (await flow.ShowAsync(run.Run)).State.ShouldBe("success");
    }

    [Fact]
    public async Task Cancel_OfARunThatNobodyHosts_EndsIt()
    {
        await using var flow = new Installation();
        await flow.OkAsync("pools", "set", "shut", "0");
        var host = await flow.StartAsync("run", flow.Dag("shut.yaml", "dag: shut\ntasks: { a: { pool: shut, script: 'true' } }\n"));
        await host.SaysAsync("a: scheduled");
        await host.KillAsync();

        var cancelled = RunView.Read((await flow.OkAsync("runs", "cancel", "shut@latest", "-o", "json")).Out);

        (cancelled.State, cancelled.States, cancelled["a"].Reason).ShouldBe(("cancelled", "a:skipped", "cancelled"));
        (await flow.FlowAsync("runs", "watch", cancelled.Run)).ExitCode.ShouldBe(1);
        await flow.OkAsync("runs", "cancel", cancelled.Run);
    }

    [Fact]
    public async Task Watch_AndLogs_FollowARunOfAnotherHost_ObjectByObject()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("talk.yaml", """
            dag: talk
            tasks:
              talk: { script: "echo one; touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done; echo two" }
            """));
        await flow.OpenedAsync("started");

        var watch = await flow.StartAsync("runs", "watch", "talk@latest", "-o", "json");
        var logs = await flow.StartAsync("logs", "@latest", "talk", "-f");
        await logs.PrintsAsync("one");
        await watch.PrintsAsync("\"event\":\"running\"");
        flow.Open("go");

        var followed = await logs.EndAsync();
        followed.Out.ShouldContain("one\ntwo\n");
        var watched = await watch.EndAsync();
        (watched.ExitCode, (await host.EndAsync()).ExitCode).ShouldBe((0, 0));
        foreach (var line in watched.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            JsonDocument.Parse(line).RootElement.GetProperty("event").GetString().ShouldNotBeNullOrEmpty();
    }

    private static async Task<List<string>> ListAsync(Installation flow, params string[] more) =>
        [.. JsonDocument.Parse((await flow.OkAsync(["runs", "list", "-o", "json", .. more])).Out).RootElement.EnumerateArray()
            .Select(run => $"{run.GetProperty("dag").GetString()} {run.GetProperty("state").GetString()}")];

    private static int Times(Installation flow, string gate) => flow.Read(gate).Split('\n').Length;
}
