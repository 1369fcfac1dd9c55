using OrleansFlow.Cli.Documents;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Cli.Fakes;

/// <summary>A small world: one DAG, a run that lost its host and succeeded, one that failed, one that still waits.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Start = new(2024, 1, 1, 6, 0, 0, TimeSpan.Zero);
    public static readonly DagId Dag = new("credit");
    public static readonly RunId Good = new("manual-20240101T060000Z-aaaaa");
    public static readonly RunId Bad = new("manual-20240101T070000Z-bbbbb");
    public static readonly RunId Live = new("manual-20240101T080000Z-ccccc");

    public static readonly DagSpec Spec = new()
    {
        Id = Dag,
        Description = "Retrains the model",
        Params = new Dictionary<string, System.Text.Json.Nodes.JsonObject>
        {
            ["rows"] = new() { ["type"] = "integer", ["default"] = 10 },
        },
        Tasks =
        [
            new TaskSpec { Id = new TaskId("fetch"), Action = new NoopAction() },
            new TaskSpec
            {
                Id = new TaskId("train"), Action = new NoopAction(), Needs = [new TaskId("fetch")], Pool = "gpu",
                Retry = new RetryPolicy { Retries = 2 },
            },
            new TaskSpec { Id = new TaskId("report"), Action = new NoopAction(), Needs = [new TaskId("train")] },
        ],
    };

    public static FakeEngines World()
    {
        var canonical = CanonicalJson.Write(Spec);
        var hash = CanonicalJson.Hash(canonical);
        var world = new FakeEngines();
        world.Dags.Add(new DagDetail(
            new DagHead { Id = Dag, CurrentHash = hash, SourceFile = "/dags/credit.yaml" },
            [new DagVersion { Hash = hash, Dag = Dag, Spec = canonical, CreatedAt = Start }]));
        world.Pools.Add(new PoolUsage(new Pool("default", 128), 1, 0));
        world.Pools.Add(new PoolUsage(new Pool("gpu", 2, "The two cards"), 2, 3));
        world.Hosts.AddRange(
        [
            new HostDocument("flow-7-aaaaa-one", "embedded", "silent", false)
            {
                Since = Start.AddHours(-1), LeaseUntil = Start.AddHours(-1), Version = "0.1.0", Address = "http://one:8233",
            },
            new HostDocument("flow-7-bbbbb-two", "embedded", "standby", false)
            {
                Since = Start.AddMinutes(5), LeaseUntil = Start.AddHours(2), Version = "0.2.0", Address = "http://two:8233",
                Live = new LiveCoordinators(0, 0, 0, 0),
            },
            new HostDocument("flow-8-ddddd-three", "embedded", "leaving", false)
            {
                Since = Start.AddMinutes(7), LeaseUntil = Start.AddHours(2), Version = "0.2.0", Address = "http://three:8233",
                Live = new LiveCoordinators(0, 0, 0, 0), Notice = "SIGTERM", NoticedAt = Start.AddMinutes(7),
            },
            new HostDocument("flow-9-ccccc-one", "embedded", "active", true)
            {
                Since = Start, LeaseUntil = Start.AddHours(2), Epoch = 4, Live = new LiveCoordinators(12, 3, 140, 2),
            },
        ]);
        world.Runs.AddRange([GoodRun(hash), BadRun(hash), LiveRun(hash)]);
        world.LogTexts.Add(new AttemptKey(Key(Good, "train"), 1), "2024-01-01T06:00:02.000Z out training started\n");
        world.LogTexts.Add(
            new AttemptKey(Key(Good, "train"), 2),
            "2024-01-01T06:00:05.000Z out epoch 1\n2024-01-01T06:00:06.000Z out epo\n2024-01-01T06:00:06.500Z out+ ch 2\n");
        world.LogTexts.Add(
            new AttemptKey(Key(Bad, "train"), 1),
            "2024-01-01T07:00:02.000Z out loading\n2024-01-01T07:00:03.000Z err ValueError: no rows\n2024-01-01T07:00:03.100Z flow ended with exit code 1\n");
        Tell(world, Good, null, "queued");
        Tell(world, Good, "fetch", "running", epoch: 1);
        Tell(world, Good, "fetch", "success", epoch: 1);
        Tell(world, Good, "train", "queued", epoch: 2, reason: "infra_lost", detail: "the host died");
        Tell(world, Good, null, "success");
        return world;
    }

    public static void Tell(
        FakeEngines world, RunId run, string? task, string kind, int epoch = 0, string? reason = null, string? detail = null) =>
        world.History.Add(new HistoryEntry(world.History.Count + 1, new HistoryEvent
        {
            At = Start.AddSeconds(world.History.Count),
            Dag = Dag,
            Run = run,
            Task = task is null ? null : new TaskId(task),
            Kind = kind,
            Epoch = epoch,
            Reason = reason,
            Detail = detail,
        }));

    public static TaskKey Key(RunId run, string task, int index = TaskKey.NotMapped) => new(run, new TaskId(task), index);

    public static DagRun Run(RunId id, string hash, RunState state, DateTimeOffset at) => new()
    {
        Id = id,
        Dag = Dag,
        VersionHash = hash,
        Kind = RunKind.Manual,
        State = state,
        LogicalDate = at,
        DataIntervalStart = at,
        DataIntervalEnd = at,
        Params = """{"rows":10}""",
        CreatedAt = at,
        StartedAt = at,
        EndedAt = state.IsFinished() ? at.AddSeconds(12) : null,
    };

    public static TaskInstance Task(
        TaskKey key, TaskState state, TaskReason reason, DateTimeOffset? started = null, DateTimeOffset? ended = null, int epoch = 0) => new()
        {
            Key = key,
            State = state,
            Reason = reason,
            Epoch = epoch,
            StartedAt = started,
            EndedAt = ended,
        };

    public static Attempt Attempt(
        TaskKey task, int epoch, AttemptState state, AttemptCause? cause, int? exit, DateTimeOffset started, double seconds) => new()
        {
            Key = new AttemptKey(task, epoch),
            Uid = new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]),
            State = state,
            Cause = cause,
            ExitCode = exit,
            CreatedAt = started,
            StartedAt = started,
            EndedAt = state.IsFinished() ? started.AddSeconds(seconds) : null,
            Backend = "local",
            Node = "laptop",
        };

    private static RunDetail GoodRun(string hash)
    {
        var (fetch, train) = (Key(Good, "fetch"), Key(Good, "train"));
        return new RunDetail(
            Run(Good, hash, RunState.Success, Start),
            [
                Task(fetch, TaskState.Success, TaskReason.Completed, Start, Start.AddSeconds(1), 1),
                Task(train, TaskState.Success, TaskReason.Completed, Start.AddSeconds(1), Start.AddSeconds(12), 2) with { InfraRetriesUsed = 1, Pool = "gpu" },
            ],
            [
                Attempt(fetch, 1, AttemptState.Succeeded, null, 0, Start, 1),
                Attempt(train, 1, AttemptState.Lost, AttemptCause.HostLost, null, Start.AddSeconds(1), 2) with { Evidence = """{"pid":42}""" },
                Attempt(train, 2, AttemptState.Succeeded, null, 0, Start.AddSeconds(4), 8),
            ],
            [new Artifact(train, "model.pkl", 2, 1_572_864, new string('a', 64), "file:///data/artifacts/model.pkl")]);
    }

    private static RunDetail BadRun(string hash)
    {
        var at = Start.AddHours(1);
        var (fetch, train) = (Key(Bad, "fetch"), Key(Bad, "train"));
        return new RunDetail(
            Run(Bad, hash, RunState.Failed, at),
            [
                Task(fetch, TaskState.Success, TaskReason.Completed, at, at.AddSeconds(1), 1),
                Task(train, TaskState.Failed, TaskReason.ExitCode, at.AddSeconds(1), at.AddSeconds(3), 1) with { RetriesUsed = 2, Detail = "exit code 1" },
                Task(Key(Bad, "report"), TaskState.UpstreamFailed, TaskReason.TriggerRule, null, at.AddSeconds(3)),
            ],
            [
                Attempt(fetch, 1, AttemptState.Succeeded, null, 0, at, 1),
                Attempt(train, 1, AttemptState.Failed, AttemptCause.Application, 1, at.AddSeconds(1), 2),
            ],
            []);
    }

    private static RunDetail LiveRun(string hash)
    {
        var at = Start.AddHours(2);
        var fetch = Key(Live, "fetch");
        return new RunDetail(
            Run(Live, hash, RunState.Running, at),
            [
                Task(fetch, TaskState.Running, TaskReason.Executing, at, epoch: 1),
                Task(Key(Live, "train", 0), TaskState.Scheduled, TaskReason.PoolFull) with { Pool = "gpu", Priority = 2, ScheduledAt = at },
                Task(Key(Live, "train", 1), TaskState.Scheduled, TaskReason.PoolFull) with { Pool = "gpu", Priority = 2, ScheduledAt = at },
                Task(Key(Live, "report"), TaskState.None, TaskReason.Dependencies),
            ],
            [Attempt(fetch, 1, AttemptState.Running, null, null, at, 0)],
            []);
    }
}
