using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.BadInput;

/// <summary>Programs that are missing, noisy or leave something behind.</summary>
public class TaskTests
{
    [Fact]
    public async Task WhatCannotBeLaunched_IsNamed_AndNotTriedAgain()
    {
        await using var flow = new Installation();
        var file = flow.Dag("missing.yaml", """
            dag: missing
            defaults: { retries: 2, retry_delay: 1s }
            tasks:
              a: { command: [no-such-program-anywhere, x] }
              b: { working_dir: no/such/folder, script: "true" }
              c: { connections: [nowhere-defined], script: "true" }
              d: { shell: [no-such-shell-anywhere], script: "true" }
            """);

        var outcome = await flow.FlowAsync("run", file);

        outcome.ExitCode.ShouldBe(1, outcome.Everything);
        var why = (await flow.OkAsync("why", "@latest", "a")).Out;
        why.ShouldContain("no-such-program-anywhere");
        why.ShouldContain("what to do");
        why.ShouldContain("trying again would not help");
        foreach (var (task, named) in new[] { ("b", "no/such/folder"), ("c", "FLOW_CONN_NOWHERE_DEFINED"), ("d", "no-such-shell-anywhere") })
            (await flow.OkAsync("why", "@latest", task)).Out.ShouldContain(named);
        outcome.Everything.ShouldNotContain("Exception");
        (await flow.ShowAsync("@latest")).Tasks.ShouldAllBe(task =>
            task.State == "failed" && task.Reason == "launch_failed" && task.RetriesUsed == 0 && task.Attempts.Length == 1);
    }

    [Fact]
    public async Task HundredsOfMegabytesOfLog_AreCapped_AndTheEndIsKept()
    {
        await using var flow = new Installation();
        var file = flow.Dag("noisy.yaml", """
            dag: noisy
            tasks:
              shout: { shell: [bash, -eu], script: "echo the beginning; yes 'a line that says nothing at all' | head -c 300000000; echo the very end" }
            """);

        var run = await flow.RunAsync(file);

        run.State.ShouldBe("success");
        var logs = new DirectoryInfo(Path.Combine(flow.Data, "logs")).EnumerateFiles("attempt=1*", SearchOption.AllDirectories).ToList();
        logs.Sum(log => log.Length).ShouldBeLessThan(150_000_000);
        var printed = (await flow.OkAsync("logs", run.Run, "shout")).Out;
        printed.ShouldStartWith("the beginning\n");
        printed.TrimEnd().Split('\n').TakeLast(3).ShouldContain("the very end");
    }

    [Fact]
    public async Task LinesWithoutEnd_AndBytesThatAreNoText_ArePrinted()
    {
        await using var flow = new Installation();
        var file = flow.Dag("bytes.yaml", """
            dag: bytes
            tasks:
              a: { script: "head -c 3000000 /dev/zero | tr '\\0' x; printf '\\377\\376 \\000 end'" }
            """);

        var run = await flow.RunAsync(file);

        run.State.ShouldBe("success");
        var text = (await flow.OkAsync("logs", run.Run, "a")).Out;
        text.Count(c => c == 'x').ShouldBe(3_000_000);
        text.ShouldContain("end");
        System.Text.Json.JsonDocument.Parse((await flow.OkAsync("logs", run.Run, "a", "-o", "json")).Out).RootElement.GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task WhatATaskLeavesBehind_IsEndedWithIt_AndHoldsNothingUp()
    {
        await using var flow = new Installation();
        var file = flow.Dag("forks.yaml", """
            dag: forks
            tasks:
              forks:
                script: |
                  sleep 1000 & echo $! > %G/background
                  (trap '' TERM HUP; sleep 1000) & echo $! > %G/stubborn
                  setsid sleep 1000 > /dev/null 2>&1 < /dev/null & echo $! > %G/escaped
                  echo done
            """);

        var run = await flow.RunAsync(file);

        run.State.ShouldBe("success");
        foreach (var gate in new[] { "background", "stubborn", "escaped" }) Signals.IsAlive(int.Parse(flow.Read(gate))).ShouldBeFalse(gate);
        (await flow.OkAsync("logs", run.Run, "forks")).Out.ShouldContain("done");
    }

    [Fact]
    public async Task BadXcom_AndMissingOutputs_FailTheTask_WithTheReason()
    {
        await using var flow = new Installation();
        var file = flow.Dag("outputs.yaml", """
            dag: outputs
            tasks:
              no_json: { script: "echo 'not json' > $FLOW_XCOM" }
              a_list: { script: "echo '[1]' > $FLOW_XCOM" }
              no_file: { outputs: [model.pkl], script: "echo x > $FLOW_OUTPUTS/other" }
              link: { script: "ln -s /etc/passwd $FLOW_OUTPUTS/stolen" }
              pipe: { script: "mkfifo $FLOW_OUTPUTS/pipe" }
              too_big: { script: "head -c 200000 /dev/zero | tr '\\0' x | sed 's/.*/{\"k\":\"&\"}/' > $FLOW_XCOM" }
              reads_nothing: { needs: [good], script: "echo {{ xcom.good.absent }}" }
              good: { script: "echo '{\"present\": 1}' > $FLOW_XCOM" }
            """);

        var run = await flow.RunAsync(file);

        run["good"].State.ShouldBe("success");
        foreach (var task in new[] { "no_json", "a_list", "no_file" })
        {
            (run[task].State, run[task].Reason).ShouldBe(("failed", "outputs"), task);
            run[task].Artifacts.ShouldBeEmpty();
        }

        (await flow.OkAsync("why", run.Run, "no_file")).Out.ShouldContain("model.pkl");
        (await flow.OkAsync("why", run.Run, "no_json")).Out.ShouldContain("JSON");
        (run["reads_nothing"].State, run["reads_nothing"].Reason).ShouldBe(("failed", "unresolved"));
        (await flow.OkAsync("why", run.Run, "reads_nothing")).Out.ShouldContain("absent");
        // Neither a link nor a pipe may hang or publish what is not the task's.
        run["link"].Artifacts.ShouldAllBe(artifact => !File.ReadAllText(artifact.Path).Contains("root:"));
        run["pipe"].Artifacts.ShouldBeEmpty();
    }

    [Fact]
    public async Task BadParameters_AreRefused()
    {
        await using var flow = new Installation();
        var file = flow.Dag("params.yaml", """
            dag: params
            params:
              n: { type: integer, minimum: 1 }
            tasks: { a: { script: "echo {{ params.n }}" } }
            """);

        foreach (var given in new string[][] { [], ["-p", "n=0"], ["-p", "n=x"], ["-p", "m=1"], ["-p", "n"], ["-p", "n=1", "-p", "n=2"], ["--logical-date", "soon"] })
        {
            var outcome = await flow.FlowAsync(["run", file, .. given]);
            outcome.ExitCode.ShouldBe(2, $"{string.Join(' ', given)}: {outcome.Everything}");
            outcome.Error.ShouldNotContain("Exception");
        }

        await flow.OkAsync("run", file, "-p", "n=1");
    }
}
