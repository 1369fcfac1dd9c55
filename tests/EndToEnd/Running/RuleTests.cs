using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

/// <summary>The rules of the road, seen from outside: their tables are tested with the domain.</summary>
public class RuleTests
{
    [Fact]
    public async Task When_Map_AndTriggerRules_DecideWhatRuns()
    {
        await using var flow = new Installation();
        var file = flow.Dag("rules.yaml", """
            dag: rules
            params:
              mode: { type: string, default: full }
              items: { type: array, default: [x, y] }
            tasks:
              bad: { script: exit 3 }
              good: { script: "echo '{\"go\": true}' > $FLOW_XCOM" }
              skip: { script: exit 99 }
              after_bad: { needs: [bad], script: "true" }
              rescue: { needs: [bad, good], trigger_rule: one_failed, script: "true" }
              any: { needs: [bad, good, skip], trigger_rule: all_done, script: "true" }
              no_rescue: { needs: [good], trigger_rule: all_failed, script: "true" }
              after_skip: { needs: [skip], script: "true" }
              chosen: { needs: [good], when: "xcom.good.go and params.mode == 'full'", script: "true" }
              not_chosen: { when: "params.mode == 'other'", script: "true" }
              listed: { map: [1, { k: v }], script: "printf %s \"$FLOW_MAP_ITEM\"" }
              from_param: { map: { over: "{{ params.items }}", as: x }, script: "echo {{ map.item }} at {{ map.index }} of $FLOW_MAP_INDEX" }
              none: { map: [], script: "true" }
            """);

        var run = await flow.RunAsync(file);

        run.State.ShouldBe("failed");
        run.States.ShouldBe(string.Join(' ', new[]
        {
            "after_bad:upstream_failed", "after_skip:skipped", "any:success", "bad:failed", "chosen:success",
            "from_param[0]:success", "from_param[1]:success", "good:success", "listed[0]:success", "listed[1]:success",
            "no_rescue:skipped", "none:skipped", "not_chosen:skipped", "rescue:success", "skip:skipped",
        }.Order(StringComparer.Ordinal)));
        run["skip"].Reason.ShouldBe("skip_exit_code");
        run["not_chosen"].Reason.ShouldBe("condition");
        run["none"].Reason.ShouldBe("empty_map");
        (await flow.OkAsync("logs", run.Run, "listed[1]")).Out.ShouldContain("""{"k":"v"}""");
        (await flow.OkAsync("logs", run.Run, "from_param[1]")).Out.ShouldContain("y at 1 of 1");
    }

    [Fact]
    public async Task Retries_AreUsedUp_AfterTheirDelay_AndALaterAttemptMayCommit()
    {
        await using var flow = new Installation();
        var file = flow.Dag("retries.yaml", """
            dag: retries
            defaults: { retries: 2, retry_delay: 1s }
            tasks:
              second_try: { script: "echo attempt $FLOW_EPOCH of {{ attempt.epoch }}; [ $FLOW_EPOCH = 2 ]" }
              never: { script: exit 7 }
              final: { fail_exit_codes: [8], script: exit 8 }
            """);

        var run = await flow.RunAsync(file);

        run.States.ShouldBe("final:failed never:failed second_try:success");
        (run["second_try"].RetriesUsed, run["second_try"].Causes, run["second_try"].Committed).ShouldBe((1, "application none", 1));
        (run["never"].RetriesUsed, run["never"].Causes).ShouldBe((2, "application application application"));
        run["never"].Attempts.ShouldAllBe(attempt => attempt.ExitCode == 7);
        (run["final"].RetriesUsed, run["final"].Attempts.Length).ShouldBe((0, 1));
        var attempts = run["second_try"].Attempts;
        (attempts[1].StartedAt - attempts[0].EndedAt)!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(0.9));
        (await flow.OkAsync("logs", run.Run, "second_try", "--attempt", "1")).Out.ShouldContain("attempt 1 of 1");
        (await flow.OkAsync("logs", run.Run, "second_try")).Out.ShouldContain("attempt 2 of 2");
        var why = (await flow.OkAsync("why", run.Run, "never")).Out;
        why.ShouldContain("exit code 7");
        why.ShouldContain("2 of 2 used");
        why.ShouldContain($"flow logs {run.Run} never");
    }

    [Fact]
    public async Task Timeout_EndsTheWholeProcessGroup_AlsoOneThatIgnoresTheSignal()
    {
        await using var flow = new Installation();
        var file = flow.Dag("timeout.yaml", """
            dag: timeout
            tasks:
              stubborn:
                timeout: 1s
                grace_period: 1s
                script: |
                  trap '' TERM
                  sleep 1000 & echo $! > %G/child
                  echo $$ > %G/self
                  while true; do sleep 0.1; done
              polite:
                timeout: 1s
                grace_period: 60s
                script: |
                  trap 'echo told to stop; exit 0' TERM
                  while true; do sleep 0.1; done
            """);

        var run = await flow.RunAsync(file);

        foreach (var task in run.Tasks)
        {
            (task.State, task.Reason, task.Causes).ShouldBe(("failed", "timeout", "timeout"));
            task.Artifacts.ShouldBeEmpty();
        }

        Signals.IsAlive(int.Parse(flow.Read("self"))).ShouldBeFalse();
        Signals.IsAlive(int.Parse(flow.Read("child"))).ShouldBeFalse();
        (await flow.OkAsync("logs", run.Run, "polite")).Out.ShouldContain("told to stop");
        (await flow.OkAsync("why", run.Run, "stubborn")).Out.ShouldContain("longer than its timeout of 1s");
    }

    [Fact]
    public async Task Environment_AndTemplates_AreThoseOfTheContract_AndHoldNoSecretOfTheHost()
    {
        await using var flow = new Installation();
        flow.Environment["SECRET_OF_THE_HOST"] = "s3cret";
        flow.Environment["FLOW_CONN_BANK"] = "postgres://bank";
        flow.Environment["FLOW_CONN_OTHER"] = "postgres://other";
        var file = flow.Dag("contract.yaml", """
            dag: contract
            params: { n: { type: integer, default: 3 } }
            env: { FROM_DAG: "{{ dag.id }}/{{ run.id }}", BOTH: dag }
            tasks:
              show:
                connections: [bank]
                env: { BOTH: task }
                script: |
                  env | sort
                  echo "ds {{ ds }} {{ ds_nodash }} {{ ts_nodash }} {{ run.logical_date | date: '%Y%m%dT%H%M%S' }}"
                  echo "in $PWD"
            """);

        var run = await flow.RunAsync(file, "--logical-date", "2024-01-31T06:00:00Z", "-p", "n=5");
        var lines = (await flow.OkAsync("logs", run.Run, "show")).Out.Split('\n');

        run.LogicalDate.ShouldBe(new DateTimeOffset(2024, 1, 31, 6, 0, 0, TimeSpan.Zero));
        run.Run.ShouldStartWith("manual-20240131T060000Z-");
        lines.ShouldContain("FLOW_DAG_ID=contract");
        lines.ShouldContain($"FLOW_RUN_ID={run.Run}");
        lines.ShouldContain("FLOW_TASK_ID=show");
        lines.ShouldContain("FLOW_EPOCH=1");
        lines.ShouldContain(line => line.StartsWith("FLOW_LOGICAL_DATE=2024-01-31T06:00:00", StringComparison.Ordinal));
        lines.ShouldContain("""FLOW_PARAMS={"n":5}""");
        lines.ShouldContain("FLOW_CONN_BANK=postgres://bank");
        lines.ShouldContain($"FROM_DAG=contract/{run.Run}");
        lines.ShouldContain("BOTH=task");
        foreach (var name in new[] { "FLOW_OUTPUTS", "FLOW_INPUTS", "FLOW_XCOM", "FLOW_CHECKPOINT", "FLOW_STOP", "FLOW_IDEMPOTENCY_KEY" })
            lines.ShouldContain(line => line.StartsWith(name + "=", StringComparison.Ordinal), name);
        lines.ShouldContain("ds 2024-01-31 20240131 20240131T060000 20240131T060000");
        lines.ShouldContain($"in {flow.Dags}");
        lines.ShouldNotContain(line => line.Contains("s3cret", StringComparison.Ordinal) || line.Contains("FLOW_CONN_OTHER", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.StartsWith("FLOW_DATA_DIR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pools_LimitWhatRunsAtOnce()
    {
        await using var flow = new Installation();
        await flow.OkAsync("pools", "set", "narrow", "1");
        var file = flow.Dag("pool.yaml", """
            dag: pool
            tasks:
              one_at_a_time:
                map: [1, 2, 3, 4]
                pool: narrow
                script: |
                  mkdir %G/busy
                  sleep 0.05
                  rmdir %G/busy
            """);

        (await flow.RunAsync(file)).Tasks.ShouldAllBe(task => task.State == "success");

        var pools = System.Text.Json.JsonDocument.Parse((await flow.OkAsync("pools", "list", "-o", "json")).Out).RootElement;
        pools.EnumerateArray().Select(pool => (pool.GetProperty("pool").GetString(), pool.GetProperty("slots").GetInt32(), pool.GetProperty("used").GetInt32()))
            .ShouldBe([("default", 128, 0), ("narrow", 1, 0)]);
    }

    [Fact]
    public async Task ExitZeroAfterAStopOfTheHost_IsNoSuccess_AndIsRunAgain()
    {
        await using var flow = new Installation();
        var file = flow.Dag("stop.yaml", """
            dag: stop
            tasks:
              again: { script: "[ $FLOW_EPOCH != 1 ] && exit 0; exit 75" }
            """);

        var run = await flow.RunAsync(file);

        var task = run["again"];
        (task.State, task.RetriesUsed, task.Committed).ShouldBe(("success", 0, 1));
        task.Attempts.Length.ShouldBe(2);
    }
}
