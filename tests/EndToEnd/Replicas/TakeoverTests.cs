using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Replicas;

/// <summary>What becomes of runs, and of the hosts, when the one in charge dies, leaves or hangs.</summary>
public sealed class TakeoverTests
{
    /// <summary>The first attempt of its middle task waits for a gate, the others do not.</summary>
    private const string Chain = """
        dag: chain
        tasks:
          first: { script: "echo x >> %G/first; echo one > $FLOW_OUTPUTS/one" }
          middle:
            inputs: { one: first/one }
            script: |
              echo x >> %G/middle
              if [ $FLOW_EPOCH = 1 ]; then
                echo $$ > %G/self; touch %G/started
                while [ ! -e %G/go ]; do sleep 0.05; done
              fi
              cat $FLOW_INPUTS/one > $FLOW_OUTPUTS/two
          last: { inputs: { two: middle/two }, script: "echo x >> %G/last; [ $(cat $FLOW_INPUTS/two) = one ]" }
        """;

    /// <summary>Of a drain that has to be over in 10 s.</summary>
    private static readonly TimeSpan s_drainCeiling = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task AKilledHost_IsReplaced_AndItsRunGoesOn_WithoutARetry()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        var run = await replicas.TriggerAsync(active, Chain);
        await replicas.Home.OpenedAsync("started");

        await active.Process.KillAsync();
        await Replicas.InChargeAsync(standby);
        await standby.EndOfAsync(run);

        Signals.IsAlive(int.Parse(replicas.Home.Read("self"), null)).ShouldBeFalse("what the dead host ran is ended");
        await ShouldHaveLostTheMiddleAsync(replicas, run);
        var states = await Replicas.StatesAsync(standby);
        states[standby.Grpc].ShouldBe("ACTIVE");
        if (states.TryGetValue(active.Grpc, out var dead)) dead.ShouldBe("SILENT");
    }

    [Fact]
    public async Task AHostThatIsToldToEnd_HandsOver()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        var run = await replicas.TriggerAsync(active, Chain);
        await replicas.Home.OpenedAsync("started");

        active.Process.Send(Signals.Terminate);
        await Replicas.InChargeAsync(standby);
        await standby.EndOfAsync(run);
        var outcome = await active.Process.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        await ShouldHaveLostTheMiddleAsync(replicas, run);
        (await Replicas.StatesAsync(standby)).ShouldBe(new Dictionary<string, string> { [standby.Grpc] = "ACTIVE" }, "who leaves is listed no more");
    }

    [Fact]
    public async Task AHostThatIsToldToEnd_WhilePostgresHangs_Ends_AndTheOtherTakesOverWhenItWakes()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        var run = await replicas.TriggerAsync(active, Chain);
        await replicas.Home.OpenedAsync("started");

        Outcome outcome;
        using (await replicas.Home.FreezePostgresAsync())
        {
            active.Process.Send(Signals.Terminate);
            outcome = await active.Process.EndAsync(s_drainCeiling);
            Signals.IsAlive(int.Parse(replicas.Home.Read("self"), null)).ShouldBeFalse("what it ran is ended");
        }

        await Replicas.InChargeAsync(standby);
        await EndOfAsync(standby, run);

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Error.ShouldContain("this host ends before PostgreSQL has heard that it gives up its place");
        await ShouldHaveLostTheMiddleAsync(replicas, run);
    }

    [Fact]
    public async Task AHostThatHung_FindsItselfFenced_StandsBy_AndHasItsTurnAgain()
    {
        await using var replicas = await Replicas.StartAsync();
        var (first, second) = await replicas.AddTwoAsync();
        var run = await replicas.TriggerAsync(first, Chain);
        await replicas.Home.OpenedAsync("started");

        first.Process.Send(Signals.Stop);
        await Replicas.InChargeAsync(second);
        await second.EndOfAsync(run);
        first.Process.Send(Signals.Continue);
        await Replicas.FencedAsync(first);

        await ShouldHaveLostTheMiddleAsync(replicas, run);
        (await first.EndOfAsync(run)).Run.State.ToString().ShouldBe("Success", "it serves reads");
        await Eventually.TrueAsync(
            async () => await Replicas.StatesAsync(first) is var states && (states[first.Grpc], states[second.Grpc]) == ("STANDBY", "ACTIVE"),
            "both are listed as what they are");
        File.Delete(Path.Combine(replicas.Home.Gates, "started"));
        var next = await replicas.TriggerAsync(first, Chain.Replace("dag: chain", "dag: next", StringComparison.Ordinal));
        await replicas.Home.OpenedAsync("started");

        await second.Process.KillAsync();
        await first.EndOfAsync(next);

        (await replicas.ShowAsync(next))["middle"].Causes.ShouldBe("host_lost none");
        (await Replicas.StatesAsync(first))[first.Grpc].ShouldBe("ACTIVE");
    }

    [Fact]
    public async Task PostgresRestartedUnderBoth_LosesNothing()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        var run = await replicas.TriggerAsync(active, Chain);
        await replicas.Home.OpenedAsync("started");

        Signals.Send(await replicas.Home.PostmasterAsync(), Signals.Kill);
        await active.Process.SaysAsync("nothing is lost");
        replicas.Home.Open("go");
        await standby.Process.SaysAsync("PostgreSQL is back");
        await EndOfAsync(standby, run);

        var view = await replicas.ShowAsync(run);
        view.States.ShouldBe("first:success last:success middle:success");
        view.Tasks.ShouldAllBe(task => task.Committed == 1 && task.RetriesUsed == 0);
        (await Replicas.StatesAsync(standby)).Values.Count(state => state == "ACTIVE").ShouldBe(1);
    }

    /// <summary>Once, by the attempt of another host: the loss of the first is not charged to the user's code.</summary>
    private static async Task ShouldHaveLostTheMiddleAsync(Replicas replicas, string name)
    {
        var run = await replicas.ShowAsync(name);
        run.States.ShouldBe("first:success last:success middle:success");
        foreach (var task in run.Tasks)
        {
            var lost = task.Task == "middle" ? 1 : 0;
            (task.Causes, task.RetriesUsed, task.InfraRetriesUsed, task.Committed)
                .ShouldBe((lost == 1 ? "host_lost none" : "none", 0, lost, 1), task.Name);
            File.ReadAllLines(Path.Combine(replicas.Home.Gates, task.Task)).Length.ShouldBe(1 + lost, task.Name);
        }
    }

    // A database that is away ends streams; callers ask again.
    private static Task EndOfAsync(ApiServer server, string run) => Eventually.TrueAsync(
        async () =>
        {
            var (_, answer) = await server.TryAsync("RunService/GetRun", $$"""{"name": "{{run}}"}""");
            return answer is System.Text.Json.Nodes.JsonObject found && found["state"]?.GetValue<string>() == "RUN_STATE_SUCCESS";
        },
        "the run ends");
}
