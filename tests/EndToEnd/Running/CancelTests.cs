using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

public class CancelTests
{
    private const string Waiting = """
        dag: waiting
        tasks:
          wait:
            grace_period: 2s
            script: |
              sleep 1000 & echo $! > %G/child
              echo $$ > %G/self; touch %G/started
              wait
          next: { needs: [wait], script: "touch %G/next" }
        """;

    [Fact]
    public async Task CtrlC_CancelsTheRun_EndsItsTasks_StopsPostgres_AndExitsWithOne()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("waiting.yaml", Waiting));
        await flow.OpenedAsync("started");
        var postmaster = flow.Postmaster.ShouldNotBeNull();

        host.Send(Signals.Interrupt);
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(1, outcome.Everything);
        outcome.Error.ShouldContain("cancelling run");
        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse();
        Signals.IsAlive(int.Parse(flow.Read("child"))).ShouldBeFalse();
        // on a busy machine it may still write its last checkpoint, and ends by itself
        await Eventually.TrueAsync(() => !Signals.IsAlive(postmaster), "PostgreSQL ends");
        var run = await flow.ShowAsync("@latest");
        (run.State, run.States).ShouldBe(("cancelled", "next:skipped wait:failed"));
        (run["wait"].Reason, run["wait"].Causes, run["next"].Reason).ShouldBe(("cancelled", "cancelled", "cancelled"));
        File.Exists(Path.Combine(flow.Gates, "next")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Signals.Terminate, 143)]
    [InlineData(Signals.HangUp, 129)]
    public async Task AHostThatIsToldToEnd_LeavesItsRun_AndTheNextOneGoesOn_AtNoCost(int signal, int exitCode)
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("leaving.yaml", """
            dag: leaving
            tasks:
              first: { script: "echo 1 >> %G/firsts" }
              wait:
                needs: [first]
                script: |
                  trap 'echo 7 > $FLOW_CHECKPOINT/READY.new; mv $FLOW_CHECKPOINT/READY.new $FLOW_CHECKPOINT/READY; exit 1' TERM
                  echo $$ > %G/self; touch %G/started
                  while [ ! -e %G/go ]; do sleep 0.05 || true; done
            """));
        await flow.OpenedAsync("started");

        host.Send(signal);
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(exitCode, outcome.Everything);
        outcome.Error.ShouldContain("to go on: flow runs watch manual-");
        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse();
        flow.Postmaster.ShouldBeNull();
        (await flow.ShowAsync("@latest")).State.ShouldBe("running");
        flow.Open("go");
        (await flow.FlowAsync("runs", "watch", "@latest")).ExitCode.ShouldBe(0);
        var run = await flow.ShowAsync("@latest");
        (run.State, run["wait"].Causes, run["wait"].RetriesUsed).ShouldBe(("success", "host_lost none", 0));
        // the checkpoint that it saved on being told was recorded, and progress gives the loss back
        run["wait"].InfraRetriesUsed.ShouldBe(0);
        flow.Read("firsts").ShouldBe("1");
    }

    [Fact]
    public async Task SecondCtrlC_KillsTheTasks_AndCommitsTheirEnd()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("stubborn.yaml", """
            dag: stubborn
            tasks:
              stubborn:
                grace_period: 1h
                script: "trap '' TERM; echo $$ > %G/self; touch %G/started; while true; do sleep 0.05; done"
            """));
        await flow.OpenedAsync("started");

        host.Send(Signals.Interrupt);
        await host.SaysAsync("Ctrl-C again kills them");
        host.Send(Signals.Interrupt);
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(1, outcome.Everything);
        outcome.Error.ShouldContain("killing what still runs");
        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse();
        var run = await flow.ShowAsync("@latest");
        (run.State, run["stubborn"].Causes).ShouldBe(("cancelled", "cancelled"));
    }

    [Fact]
    public async Task CtrlC_WhileARetryIsAwaited_CancelsAtOnce()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("later.yaml", """
            dag: later
            tasks:
              a: { retries: 3, retry_delay: 1h, script: exit 1 }
            """));
        await host.SaysAsync("a: up_for_retry");

        host.Send(Signals.Interrupt);

        (await host.EndAsync()).ExitCode.ShouldBe(1);
        (await flow.ShowAsync("@latest")).State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task CancelledRun_CanBeRunAgain()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("again.yaml", """
            dag: again
            tasks:
              wait: { grace_period: 1s, script: "touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
              next: { needs: [wait], script: "true" }
            """));
        await flow.OpenedAsync("started");
        host.Send(Signals.Interrupt);
        (await host.EndAsync()).ExitCode.ShouldBe(1);
        flow.Open("go");

        await flow.OkAsync("runs", "rerun", "@latest", "--failed");

        var run = await flow.ShowAsync("@latest");
        (run.State, run.States, run["wait"].Causes).ShouldBe(("success", "next:success wait:success", "cancelled none"));
    }
}
