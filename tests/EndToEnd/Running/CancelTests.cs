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
        Signals.IsAlive(postmaster).ShouldBeFalse();
        var run = await flow.ShowAsync("@latest");
        (run.State, run.States).ShouldBe(("cancelled", "next:skipped wait:failed"));
        (run["wait"].Reason, run["wait"].Causes, run["next"].Reason).ShouldBe(("cancelled", "cancelled", "cancelled"));
        File.Exists(Path.Combine(flow.Gates, "next")).ShouldBeFalse();
    }

    [Fact]
    public async Task Terminate_DoesTheSame()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("waiting.yaml", Waiting), "-o", "json");
        await flow.OpenedAsync("started");

        host.Send(Signals.Terminate);
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(1, outcome.Everything);
        RunView.Read(outcome.Out).State.ShouldBe("cancelled");
        flow.Postmaster.ShouldBeNull();
    }

    [Fact]
    public async Task SecondCtrlC_LeavesAtOnce_AndTheNextHostEndsWhatWasLeft()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("stubborn.yaml", """
            dag: stubborn
            tasks:
              stubborn:
                grace_period: 100s
                script: "trap 'touch %G/told' TERM; echo $$ > %G/self; touch %G/started; while true; do sleep 0.05; done"
            """));
        await flow.OpenedAsync("started");

        host.Send(Signals.Interrupt);
        await flow.OpenedAsync("told");
        host.Send(Signals.Interrupt);
        (await host.EndAsync()).ExitCode.ShouldBe(130);

        (await flow.FlowAsync("runs", "watch", "@latest")).ExitCode.ShouldBe(1);
        (await flow.ShowAsync("@latest")).State.ShouldBe("cancelled");
        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse();
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
