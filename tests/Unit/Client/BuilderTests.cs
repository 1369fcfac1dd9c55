using System.Text;
using System.Text.Json.Nodes;
using ClientSample;
using OrleansFlow.Client.Dags;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Client;

/// <summary>A DAG in C# and the same DAG in YAML are one version.</summary>
public sealed class BuilderTests
{
    [Fact]
    public void TheHelloSample_IsTheSameVersion() => Same(SampleDags.Hello(), File.ReadAllText(GoldenFiles.Folder("samples", "hello", "dag.yaml")));

    [Fact]
    public void TheCreditSample_IsTheSameVersion() =>
        Same(SampleDags.CreditDefault(), File.ReadAllText(GoldenFiles.Folder("samples", "credit-default", "dag.yaml")));

    [Fact]
    public void TheFirstExampleOfTheDagFilePage_IsTheSameVersion()
    {
        var page = File.ReadAllText(GoldenFiles.Folder("docs", "dag-file.md"));
        var yaml = page.Split("```yaml\n")[1].Split("```")[0];

        Same(
            Dag.Create("credit_default_pipeline")
                .Description("Retrains the credit default model")
                .Every(TimeSpan.FromDays(10))
                .Start(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero))
                .Param("bucket", p => p.Text().Default("ml-artifacts"))
                .Defaults(t => t.Retries(3).Timeout(TimeSpan.FromHours(2)))
                .Task("fetch_data", t => t.Command("python3", "tasks.py", "fetch_data").Outputs("loans.csv"))
                .Task("train_model", t => t
                    .Input("data", "fetch_data/loans.csv")
                    .Command("python3", "tasks.py", "train_model", "--bucket={{ params.bucket }}")
                    .Outputs("model.pkl"))
                .Task("evaluate_model", t => t.Input("model", "train_model/model.pkl").Command("python3", "tasks.py", "evaluate_model"))
                .Build(),
            yaml);
    }

    [Fact]
    public void EveryFieldOfADag_IsTheSame() => Same(
        Dag.Create("all")
            .Description("d").Docs("m").Tags("a", "b").Owner("o")
            .Cron("0 6 * * 1-5", "Europe/Berlin").End(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)).Catchup().Interval()
            .Paused().MaxActiveRuns(3).MaxActiveTasks(4).RunTimeout(TimeSpan.FromHours(5))
            .Param("size", p => p.Number().AtLeast(1).AtMost(9).OneOf(1, 2, 3).Description("how big").Default(2))
            .Env("A", "1")
            .OnSuccess(Callback.Webhook("https://example.org/{{ dag.id }}"))
            .OnFailure(Callback.Command("python3", "notify.py"), Callback.Webhook("https://example.org"))
            .Task("t", t => t.Noop())
            .Build(),
        """
        dag: all
        description: d
        docs: m
        tags: [a, b]
        owner: o
        schedule: { cron: "0 6 * * 1-5", timezone: Europe/Berlin, end: 2030-01-01T00:00:00Z, catchup: true, interval: true }
        paused: true
        max_active_runs: 3
        max_active_tasks: 4
        run_timeout: 5h
        params:
          size: { type: number, minimum: 1, maximum: 9, enum: [1, 2, 3], description: how big, default: 2 }
        env: { A: "1" }
        on_success: "https://example.org/{{ dag.id }}"
        on_failure: [{ command: [python3, notify.py] }, { webhook: "https://example.org" }]
        tasks:
          t: { noop: {} }
        """);

    [Fact]
    public void EveryFieldOfATask_IsTheSame() => Same(
        Dag.Create("all").Task("a", t => t.Noop())
            .Task("t", t => t
                .Description("d").Command("x", "y").Args("z").Needs("a").NeedsOptionally("missing")
                .TriggerRule(TriggerRule.NoneFailed).When("run.id != 'x'")
                .Retries(2).RetryDelay(TimeSpan.FromSeconds(90)).RetryBackoff(1.5).MaxRetryDelay(TimeSpan.FromHours(2))
                .RetryOn(Failure.ExitCodes(7), Failure.Causes(AttemptCause.Oom), Failure.Errors("Busy"))
                .FailOn(Failure.ExitCodes(3, 4))
                .SkipExitCodes(98).FailExitCodes(5).InfraRetries(6).LaunchRetries(1)
                .Replacement(Replacement.AfterExit).ExitZeroAfterStop(ExitZeroAfterStop.Commit)
                .Timeout(TimeSpan.FromHours(1)).QueuedTimeout(TimeSpan.FromMinutes(10)).GracePeriod(TimeSpan.FromSeconds(5))
                .Pool("gpu", 2).Priority(-3).WeightRule(WeightRule.Absolute).MaxActive(4)
                .WorkingDir("sub").Env("K", "v").Connections("db").Outputs("f").Checkpoint(TimeSpan.FromSeconds(30))
                .OnSuccess(Callback.Webhook("https://a")).OnFailure(Callback.Webhook("https://b"))
                .OnRetry(Callback.Webhook("https://c")).OnCancel(Callback.Command("c"))
                .Image("i").ServiceAccount("sa").Resources(cpu: "1", memoryLimit: "2Gi").Capacity("spot", "od")
                .Pod(new JsonObject { ["spec"] = new JsonObject { ["hostNetwork"] = true } }).Agent(false).Secret("PW", "s/k")
                .CapacityTimeout(TimeSpan.FromHours(3)).HeartbeatTimeout(TimeSpan.FromSeconds(20)))
            .Build(),
        """
        dag: all
        tasks:
          a: { noop: {} }
          t:
            description: d
            command: [x, y]
            args: [z]
            needs: [a, { task: missing, optional: true }]
            trigger_rule: none_failed
            when: run.id != 'x'
            retries: 2
            retry_delay: 90s
            retry_backoff: 1.5
            max_retry_delay: 2h
            retry_on: [7, oom, Busy]
            fail_on: [{ exit_codes: [3, 4] }]
            skip_exit_codes: [98]
            fail_exit_codes: [5]
            infra_retries: 6
            launch_retries: 1
            replacement: after_exit
            exit_zero_after_stop: commit
            timeout: 1h
            queued_timeout: 10m
            grace_period: 5s
            pool: gpu
            pool_slots: 2
            priority: -3
            weight_rule: absolute
            max_active: 4
            working_dir: sub
            env: { K: v }
            connections: [db]
            outputs: [f]
            checkpoint: { every: 30s }
            on_success: "https://a"
            on_failure: "https://b"
            on_retry: "https://c"
            on_cancel: { command: [c] }
            image: i
            service_account: sa
            resources: { requests: { cpu: "1" }, limits: { memory: 2Gi } }
            capacity: [spot, od]
            pod: { spec: { hostNetwork: true } }
            agent: never
            secrets: { PW: s/k }
            capacity_timeout: 3h
            heartbeat_timeout: 20s
        """);

    [Fact]
    public void MapsAndScripts_AreTheSame() => Same(
        Dag.Create("maps")
            .Param("files", p => p.List().Default(new JsonArray("a", "b")))
            .Task("list", t => t.Map(MapList.Of("north", "south")).Script("print(1)", "python3"))
            .Task("over", t => t.Map("{{ params.files }}", "file").MaxMapLength(7).Script("echo {{ map.file }}"))
            .Task("product", t => t.MapProduct(("region", new[] { "eu", "us" }), ("year", new[] { 2023, 2024 })).Noop())
            .Task("zip", t => t.MapZip(("name", new[] { "a", "b" }), ("size", new[] { 1, 2 })).Noop())
            .Build(),
        """
        dag: maps
        params:
          files: { type: array, default: [a, b] }
        tasks:
          list: { map: [north, south], script: print(1), shell: [python3] }
          over: { map: { over: "{{ params.files }}", as: file }, max_map_length: 7, script: "echo {{ map.file }}" }
          product: { map: { product: { region: [eu, us], year: [2023, 2024] } }, noop: {} }
          zip: { map: { zip: { name: [a, b], size: [1, 2] } }, noop: {} }
        """);

    [Fact]
    public void DefaultsAndGroups_MergeTheSameWay() => Same(
        Dag.Create("groups")
            .Defaults(t => t.Command("x").Args("y").Env("A", "1").Env("B", "1").Connections("one").Timeout(TimeSpan.FromHours(1)).Resources(cpu: "1", memory: "1Gi"))
            .Group("load", g => g
                .Description("loads")
                .Defaults(t => t.Env("B", "2").Retries(2).Resources(cpu: "2"))
                .Task("fetch", t => t.Outputs("rows.csv"))
                .Group("inner", i => i
                    .Needs("fetch")
                    .Task("clean", t => t.Input("rows", "fetch/rows.csv").Script("cat").Timeout(null))
                    .Task("check", t => t.Needs("clean").Connections("two").Env("A", null))))
            .Task("last", t => t.Needs("load").Noop())
            .Build(),
        """
        dag: groups
        defaults:
          command: [x]
          args: [y]
          env: { A: "1", B: "1" }
          connections: [one]
          timeout: 1h
          resources: { requests: { cpu: "1", memory: 1Gi } }
        groups:
          load:
            description: loads
            defaults: { env: { B: "2" }, retries: 2, resources: { requests: { cpu: "2" } } }
            tasks:
              fetch: { outputs: [rows.csv] }
            groups:
              inner:
                needs: [fetch]
                tasks:
                  clean: { inputs: { rows: fetch/rows.csv }, script: cat, timeout: null }
                  check: { needs: [clean], connections: [two], env: { A: null } }
        tasks:
          last: { needs: [load], noop: {} }
        """);

    [Fact]
    public void EveryProblem_IsTold_AtOnce()
    {
        var dag = Dag.Create("..")
            .Every(TimeSpan.Zero).Cron("nonsense")
            .Task("a", t => t.Command("x").Script("y").Needs("a", "nobody").Retries(-1))
            .Task("b", _ => { })
            .Task("c", t => t.Command("{{ params.unknown }}").Map("no template"))
            .Group("empty", _ => { });

        var refused = Should.Throw<DagBuildException>(dag.Build);

        var paths = refused.Problems.Select(problem => problem.Path).ToList();
        foreach (var path in new[] { "dag", "schedule", "tasks.a", "tasks.a.needs", "tasks.a.retries", "tasks.b", "tasks.c.map", "groups.empty" })
            paths.ShouldContain(found => found.StartsWith(path, StringComparison.Ordinal), path);
        refused.Message.ShouldContain("there is no task or group 'nobody'");
        refused.Message.ShouldContain("Command and Script");
        refused.Message.ShouldContain("unknown");
        dag.Validate().Count.ShouldBe(refused.Problems.Count);
    }

    [Fact]
    public void ListsOfTheCluster_AddUp_AndTakeThePlaceOfTheDefaults() => Same(
        Dag.Create("lists")
            .Defaults(t => t.Capacity("none").Secrets("none"))
            .Task("t", t => t.Noop().Capacity("spot-a").Capacity("spot-b", "od").Secrets("a").Secrets("b"))
            .Build(),
        """
        dag: lists
        defaults: { capacity: [none], secrets: [none] }
        tasks:
          t: { noop: {}, capacity: [spot-a, spot-b, od], secrets: [a, b] }
        """);

    [Fact]
    public void SecretsAsAListAndAsAMap_AreAProblem()
    {
        foreach (var dag in (DagBuilder[])[
            Dag.Create("d").Task("t", t => t.Noop().Secrets("a").Secret("PW", "s/k")),
            Dag.Create("d").Task("t", t => t.Noop().Secret("PW", "s/k").Secrets("a"))])
            dag.Validate().ShouldHaveSingleItem().Path.ShouldBe("tasks.t.secrets");

        Dag.Create("d").Defaults(t => t.Secrets("a")).Task("t", t => t.Noop().Secret("PW", "s/k")).Validate().ShouldBeEmpty();
    }

    [Fact]
    public void ABuilder_GoesOn_AfterItHasBuilt()
    {
        var builder = Dag.Create("grows").Task("a", t => t.Noop());
        var first = builder.Build();

        var second = builder.Task("b", t => t.Needs("a").Noop()).Build();

        first.Spec.Tasks.Count.ShouldBe(1);
        second.Spec.Tasks.Count.ShouldBe(2);
        second.Hash.ShouldNotBe(first.Hash);
    }

    private static void Same(DagDefinition built, string yaml)
    {
        var read = DagFile.Parse(Encoding.UTF8.GetBytes(yaml), "dag.yaml");
        read.Problems.Where(problem => problem.Severity == Severity.Error).ShouldBeEmpty();
        built.CanonicalJson.ShouldBe(CanonicalJson.Write(read.Spec!));
        built.Hash.ShouldBe(CanonicalJson.Hash(CanonicalJson.Write(read.Spec!)));
    }
}
