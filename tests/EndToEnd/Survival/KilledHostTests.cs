using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Survival;

/// <summary>kill -9 of the host at named moments; <c>flow runs watch</c> then hosts the engine again.</summary>
public class KilledHostTests
{
    /// <summary>Its middle task waits for a gate in its first attempt only; a child escapes its process group.</summary>
    private const string Chain = """
        dag: chain
        tasks:
          first: { script: "echo x >> %G/first; echo one > $FLOW_OUTPUTS/one" }
          middle:
            inputs: { one: first/one }
            script: |
              echo x >> %G/middle
              if [ $FLOW_EPOCH = 1 ]; then
                sleep 1000 & echo $! > %G/child
                setsid sh -c 'echo $$ > %G/escaped; exec sleep 1000' &
                while [ ! -s %G/escaped ]; do sleep 0.02; done
                echo half > $FLOW_OUTPUTS/two
                echo $$ > %G/self; touch %G/started
                wait
              fi
              cat $FLOW_INPUTS/one > $FLOW_OUTPUTS/two
          last: { inputs: { two: middle/two }, script: "echo x >> %G/last; [ $(cat $FLOW_INPUTS/two) = one ]" }
        """;

    [Fact]
    public async Task WhileATaskRuns_ItsRemainsAreEnded_AndItRunsAgainWithoutARetry()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("chain.yaml", Chain));
        await flow.OpenedAsync("started");

        await host.KillAsync();
        var events = await WatchAsync(flow);

        foreach (var remains in new[] { "self", "child", "escaped" }) Signals.IsAlive(int.Parse(flow.Read(remains))).ShouldBeFalse(remains);
        var run = await flow.ShowAsync("@latest");
        run.States.ShouldBe("first:success last:success middle:success");
        Charged(run["first"]).ShouldBe(("none", 0, 0, 1));
        Charged(run["middle"]).ShouldBe(("host_lost none", 0, 1, 1));
        Charged(run["last"]).ShouldBe(("none", 0, 0, 1));
        run["middle"].Artifacts.ShouldHaveSingleItem().Size.ShouldBe(4);
        (Times(flow, "first"), Times(flow, "middle"), Times(flow, "last")).ShouldBe((1, 2, 1));
        events.ShouldContain("\"event\":\"success\"");
        flow.Postmaster.ShouldBeNull();
    }

    [Fact]
    public async Task TogetherWithPostgres_NothingIsLostEither()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("chain.yaml", Chain));
        await flow.OpenedAsync("started");
        var postmaster = flow.Postmaster.ShouldNotBeNull();

        Signals.Send(postmaster, Signals.Kill);
        await host.KillAsync();
        await WatchAsync(flow);

        var run = await flow.ShowAsync("@latest");
        Charged(run["first"]).ShouldBe(("none", 0, 0, 1));
        Charged(run["middle"]).ShouldBe(("host_lost none", 0, 1, 1));
    }

    [Fact]
    public async Task ARunThatIsCancelledThen_StartsNothingAnew()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("chain.yaml", Chain));
        await flow.OpenedAsync("started");

        await host.KillAsync();
        (await flow.OkAsync("why", "@latest", "middle")).Out.ShouldContain("nobody hosts the engine");
        (await flow.OkAsync("runs", "cancel", "@latest")).Out.ShouldContain("cancelled");

        (await flow.ShowAsync("@latest"))["middle"].Attempts.Length.ShouldBe(1);
        (Times(flow, "middle"), File.Exists(Path.Combine(flow.Gates, "last"))).ShouldBe((1, false));
        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse("what the last host had started is ended too");
    }

    [Fact]
    public async Task BetweenTasks_NothingIsCharged()
    {
        await using var flow = new Installation();
        await flow.OkAsync("pools", "set", "gate", "0");
        var host = await flow.StartAsync("run", flow.Dag("between.yaml", """
            dag: between
            tasks:
              first: { script: "echo x >> %G/first" }
              second: { needs: [first], pool: gate, script: "echo x >> %G/second" }
            """));
        await host.SaysAsync("second: scheduled");

        await host.KillAsync();
        (await flow.OkAsync("why", "@latest", "second")).Out.ShouldContain("pool 'gate'");
        await flow.OkAsync("pools", "set", "gate", "1");
        await WatchAsync(flow);

        var run = await flow.ShowAsync("@latest");
        foreach (var task in run.Tasks) Charged(task).ShouldBe(("none", 0, 0, 1));
        (Times(flow, "first"), Times(flow, "second")).ShouldBe((1, 1));
    }

    [Fact]
    public async Task RightAfterATaskFinished_ItDoesNotRunAgain()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("after.yaml", """
            dag: after
            tasks:
              first: { script: "echo x >> %G/first" }
              second: { needs: [first], script: "echo x >> %G/second" }
              third: { needs: [second], script: "echo x >> %G/third" }
            """));
        await host.SaysAsync("first: success");

        await host.KillAsync();
        await WatchAsync(flow);

        var run = await flow.ShowAsync("@latest");
        run.State.ShouldBe("success");
        Charged(run["first"]).ShouldBe(("none", 0, 0, 1));
        Times(flow, "first").ShouldBe(1);
        run.Tasks.ShouldAllBe(task => task.RetriesUsed == 0 && task.Committed == 1 && task.Attempts.Length == 1 + task.InfraRetriesUsed);
    }

    [Fact]
    public async Task WhileARetryIsAwaited_ItIsStillTheSameRetry()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("backoff.yaml", """
            dag: backoff
            tasks:
              twice: { retries: 1, retry_delay: 4s, script: "[ $FLOW_EPOCH = 2 ]" }
            """));
        await host.SaysAsync("twice: up_for_retry");

        await host.KillAsync();
        (await flow.OkAsync("why", "@latest", "twice")).Out.ShouldContain("waits for its next attempt until");
        await WatchAsync(flow);

        Charged((await flow.ShowAsync("@latest"))["twice"]).ShouldBe(("application none", 1, 0, 1));
    }

    [Fact]
    public async Task DuringTheFirstStart_TheNextOneStartsAfresh()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { script: 'true' } }\n");
        var host = await flow.StartAsync("run", file);
        await host.SaysAsync("Making the database");

        await host.KillAsync();

        (await flow.RunAsync(file)).State.ShouldBe("success");
    }

    [Fact]
    public async Task RightAfterTheRunWasAccepted_ItIsNotLost()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { script: 'echo x >> %G/a' } }\n");
        var host = await flow.StartAsync("run", file);
        var accepted = (await host.SaysAsync("run manual-")).Split(' ')[1];

        await host.KillAsync();
        await WatchAsync(flow);

        var run = await flow.ShowAsync(accepted);
        (run.State, run["a"].Committed, run["a"].RetriesUsed).ShouldBe(("success", 1, 0));
    }

    [Fact]
    public async Task WhatWasCheckpointed_IsThereForTheNextAttempt()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("checkpoint.yaml", """
            dag: checkpoint
            tasks:
              count:
                checkpoint: { every: 1s }
                script: |
                  if [ -e $FLOW_CHECKPOINT/state ]; then echo "goes on at $(cat $FLOW_CHECKPOINT/state)"; exit 0; fi
                  echo 42 > $FLOW_CHECKPOINT/state
                  for number in 1 2; do
                    echo $number > $FLOW_CHECKPOINT/READY.new
                    mv $FLOW_CHECKPOINT/READY.new $FLOW_CHECKPOINT/READY
                    while [ -e $FLOW_CHECKPOINT/READY ]; do sleep 0.05; done
                  done
                  touch %G/saved
                  sleep 1000
            """));
        await flow.OpenedAsync("saved");

        await host.KillAsync();
        await WatchAsync(flow);

        // Progress burns nothing: the loss is given back.
        Charged((await flow.ShowAsync("@latest"))["count"]).ShouldBe(("host_lost none", 0, 0, 1));
        (await flow.OkAsync("logs", "@latest", "count")).Out.ShouldContain("goes on at 42");
    }

    [Fact]
    public async Task WhileAnotherProcessWatches_ThatOneTakesOver()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("chain.yaml", Chain));
        await flow.OpenedAsync("started");
        var watch = await flow.StartAsync("runs", "watch", "@latest");
        await watch.SaysAsync($"process {host.Pid} hosts the engine");

        await host.KillAsync();
        await watch.SaysAsync("this process hosts the engine now");

        var outcome = await watch.EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        Charged((await flow.ShowAsync("@latest"))["middle"]).ShouldBe(("host_lost none", 0, 1, 1));
        flow.Postmaster.ShouldBeNull();
    }

    [Fact]
    public async Task WhileItCancels_TheRunIsStillCancelledAfterwards()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("stubborn.yaml", """
            dag: stubborn
            tasks:
              stubborn:
                grace_period: 100s
                script: "trap 'touch %G/told' TERM; touch %G/started; while true; do sleep 0.05; done"
              next: { needs: [stubborn], script: "touch %G/next" }
            """));
        await flow.OpenedAsync("started");
        // As long as the host has not recorded the start, the task counts as unstarted, and would be skipped.
        await host.SaysAsync("stubborn: running");
        host.Send(Signals.Interrupt);
        await flow.OpenedAsync("told");

        await host.KillAsync();
        var outcome = await flow.FlowAsync("runs", "watch", "@latest");

        outcome.ExitCode.ShouldBe(1, outcome.Everything);
        var run = await flow.ShowAsync("@latest");
        (run.State, run.States).ShouldBe(("cancelled", "next:skipped stubborn:failed"));
        File.Exists(Path.Combine(flow.Gates, "next")).ShouldBeFalse();
    }

    [Fact]
    public async Task AgainAndAgain_EachTaskCommitsOnce_AndCommittedOnesNeverRunAgain()
    {
        await using var flow = new Installation();
        var tasks = Enumerable.Range(0, 6).Select(i =>
            $"  t{i}: {{ {(i == 0 ? "" : $"needs: [t{i - 1}], ")}script: \"echo $FLOW_EPOCH >> %G/t{i}; sleep 0.3\" }}");
        var file = flow.Dag("storm.yaml", $"dag: storm\ntasks:\n{string.Join('\n', tasks)}\n");
        var seed = Random.Shared.Next();
        var random = new Random(seed);

        var host = await flow.StartAsync("run", file);
        await host.SaysAsync("run manual-");
        for (var kills = 0; kills < 5 && !host.HasExited; kills++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400, 1200)), TimeProvider.System, CancellationToken.None);
            await host.KillAsync();
            host = await flow.StartAsync("runs", "watch", "@latest");
        }

        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(0, $"seed {seed}: {outcome.Everything}");
        var run = await flow.ShowAsync("@latest");
        foreach (var task in run.Tasks)
        {
            (task.Committed, task.RetriesUsed).ShouldBe((1, 0), $"seed {seed}, {task.Name}: {task.Causes}");
            task.Attempts.MaxBy(attempt => attempt.Epoch)!.State.ShouldBe("succeeded");
            var ran = flow.Read(task.Task).Split('\n').Select(int.Parse).ToList();
            ran.ShouldBeUnique();
            ran.Max().ShouldBe(task.Attempts.Max(attempt => attempt.Epoch), $"seed {seed}, {task.Name}");
        }
    }

    private static async Task<string> WatchAsync(Installation flow) => (await flow.OkAsync("runs", "watch", "@latest", "-o", "json")).Out;

    private static (string Causes, int Retries, int InfraRetries, int Committed) Charged(TaskView task) =>
        (task.Causes, task.RetriesUsed, task.InfraRetriesUsed, task.Committed);

    private static int Times(Installation flow, string gate) => flow.Read(gate).Split('\n').Length;
}
