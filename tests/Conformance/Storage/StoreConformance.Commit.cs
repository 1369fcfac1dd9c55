using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

public abstract partial class StoreConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task EveryField_ComesBack_AsItWasWritten()
    {
        var instant = At(0.123456);
        var dag = new DagHead
        {
            Id = Rows.Dag, CurrentHash = Rows.Hash, SourceFile = "/dags/é.yaml", Paused = true,
            ActivatedAt = instant, LastLogicalDate = At(-1e9), WakeAt = At(3),
        };
        var run = Rows.RunRow(Rows.Run, RunKind.Backfill) with
        {
            State = RunState.Failed, Detail = "line one\nline 'two'", DataIntervalEnd = At(60), SourceFile = "/dags/é.yaml",
            StartedAt = At(1), EndedAt = At(2), WakeAt = At(3), CancelRequested = true, TimedOut = true, TasksCreated = 7, Unreported = true,
        };
        var mapped = new TaskKey(Rows.Run, new TaskId("group.task"), 3);
        var task = new TaskInstance
        {
            Key = mapped, State = TaskState.Failed, Reason = TaskReason.Oom, Detail = "137", Epoch = 4, Fence = 5, RetriesUsed = 1,
            InfraRetriesUsed = 2, LaunchRetriesUsed = 3, UnknownRetriesUsed = 4, WakeAt = instant, ScheduledAt = At(1), StartedAt = At(2),
            EndedAt = At(3), Unreported = true, Pool = "gpu", PoolSlots = 5, Priority = long.MaxValue, MapItem = """{"z": 1, "a": [ ]}""",
        };
        var attempt = new Attempt
        {
            Key = new AttemptKey(mapped, 4), Uid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), State = AttemptState.Lost,
            Cause = AttemptCause.NodeLost, ExitCode = -9, Stop = StopReason.Timeout, CreatedAt = At(0), StartedAt = instant, EndedAt = At(9),
            Backend = "local", Node = "n1", Checkpoint = 12, Evidence = """{ "signal" : 9 }""",
        };
        var xcom = new Xcom(mapped, "rows", 4, " [1,  2.50] ");
        var artifact = Rows.ArtifactRow(mapped, "a/b.csv", 4) with { Size = 5_000_000_000 };
        var checkpoint = new Checkpoint(mapped, 4, 12, "file:///c");
        var request = new RequestRecord("req-1", "pause etl", """{"paused" : true}""", instant);
        var outbox = Rows.OutboxRow(1, 5) with { Failures = 2, LastError = "no route" };
        var version = Rows.VersionRow(Rows.Dag, Rows.Hash);

        foreach (var row in new object[] { dag, run, task, attempt, xcom, artifact, checkpoint, request, outbox, version }) ShouldBeFull(row);

        await Store.CommitAsync(
            new PutDag(dag, 0), new AddVersion(version), new PutRun(run, 0), new PutTask(task, 0), new PutAttempt(attempt),
            new PutXcom(xcom), new PutArtifact(artifact), new PutCheckpoint(checkpoint), new AddRequest(request), new AddOutbox(outbox),
            new PutPool(new Pool("gpu", 3, "cards"), 0));

        (await Store.Reader.ReadDagAsync(Rows.Dag, None)).ShouldBe(dag);
        (await Store.Reader.ReadVersionAsync(Rows.Hash, None)).ShouldBe(version);
        (await Store.Reader.ReadRunAsync(Rows.Run, None)).ShouldBe(run);
        (await Store.Reader.ReadTaskAsync(mapped, None)).ShouldBe(task);
        (await Store.Reader.ReadAttemptsAsync(mapped, None)).ShouldBe([attempt]);
        (await Store.Reader.ReadXcomsAsync(Rows.Run, [mapped.Task], None)).ShouldBe([xcom]);
        (await Store.Reader.ReadArtifactsAsync(Rows.Run, [mapped.Task], None)).ShouldBe([artifact]);
        (await Store.Reader.ReadCheckpointAsync(mapped, None)).ShouldBe(checkpoint);
        (await Store.Reader.ReadRequestsAsync(["req-1"], None)).ShouldBe([request]);
        (await Store.Reader.ReadOutboxAsync(At(5), 10, None)).ShouldBe([outbox]);
        (await Store.Reader.ReadPoolAsync("gpu", None)).ShouldBe(new Pool("gpu", 3, "cards"));
    }

    [Fact]
    public async Task Instants_AreCut_ToMicroseconds()
    {
        await Store.CommitAsync(Rows.NewDag());
        await Store.CommitAsync(new PutDag(Rows.DagRow(Rows.Dag) with { WakeAt = At(0).AddTicks(19), LastLogicalDate = At(-1e9).AddTicks(19) }, 1));

        var dag = await Store.Reader.ReadDagAsync(Rows.Dag, None);
        dag!.WakeAt.ShouldBe(At(0).AddTicks(10));
        dag.LastLogicalDate.ShouldBe(At(-1e9).AddTicks(10));
    }

    [Fact]
    public async Task WhatIsUnknown_IsNull_OrEmpty()
    {
        (await Store.Reader.ReadDagAsync(Rows.Dag, None)).ShouldBeNull();
        (await Store.Reader.ReadVersionAsync("none", None)).ShouldBeNull();
        (await Store.Reader.ReadRunAsync(Rows.Run, None)).ShouldBeNull();
        (await Store.Reader.ReadTaskAsync(Rows.Load, None)).ShouldBeNull();
        (await Store.Reader.ReadCheckpointAsync(Rows.Load, None)).ShouldBeNull();
        (await Store.Reader.ReadRequestsAsync(["none"], None)).ShouldBeEmpty();
        (await Store.Reader.ReadPoolAsync("none", None)).ShouldBeNull();
        (await Store.Reader.ReadTasksAsync(Rows.Run, None)).ShouldBeEmpty();
        (await Store.Reader.ReadAttemptsAsync(Rows.Load, None)).ShouldBeEmpty();
        (await Store.Reader.ReadOpenRunsAsync(Rows.Dag, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ANewStore_HasTheDefaultPool()
    {
        (await Store.Reader.ReadPoolAsync("default", None)).ShouldBe(new Pool("default", 128));
        (await Store.Reader.ReadLimitsAsync(["pool/default"], None)).ShouldBe([new LimitCounter("pool/default", 128, 0)]);
    }

    [Fact]
    public async Task AnotherVersion_IsAConflict_AndNothingOfTheStepIsApplied()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Extract) with { Detail = "second" }, 1));

        var outcomes = await Store.ExecuteAsync(
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Load) with { Detail = "lost" }, 1), new PutTask(Rows.TaskRow(Rows.Extract), 1)));

        outcomes.ShouldHaveSingleItem().Status.ShouldBe(StepStatus.Conflict);
        (await Store.Reader.ReadTaskAsync(Rows.Load, None))!.Detail.ShouldBeNull();
        (await Store.Reader.ReadTaskAsync(Rows.Extract, None)).ShouldBe(Rows.TaskRow(Rows.Extract) with { Detail = "second", Version = 2 });
    }

    [Fact]
    public async Task ARowThatIsNotThere_CannotBeUpdated()
    {
        await Store.CommitAsync(Rows.NewDag());
        var outcomes = await Store.ExecuteAsync(Rows.Step(new PutRun(Rows.RunRow(Rows.Run), 3)));
        outcomes.ShouldHaveSingleItem().Status.ShouldBe(StepStatus.Conflict);
        (await Store.Reader.ReadRunAsync(Rows.Run, None)).ShouldBeNull();
    }

    [Fact]
    public async Task AStepThatConflicts_LeavesItsNeighboursAlone()
    {
        await Store.CommitAsync(Rows.NewRun());
        var outcomes = await Store.ExecuteAsync(
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Extract) with { Detail = "wrong" }, 9)),
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Load) with { Detail = "right" }, 1)));

        outcomes.Select(outcome => outcome.Status).ShouldBe([StepStatus.Conflict, StepStatus.Committed]);
        (await Store.Reader.ReadTasksAsync(Rows.Run, None)).Select(task => task.Detail).ShouldBe([null, "right"]);
    }

    [Fact]
    public async Task ASecondInsertOfARow_FailsTheBatch()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.RefuseAsync(StoreFailure.UniqueViolation, new PutTask(Rows.TaskRow(Rows.Load), 0));
    }

    [Fact]
    public async Task ASecondRunOfADueFire_FailsTheBatch_AndAManualRunOfThatDateDoesNot()
    {
        await Store.CommitAsync(Rows.NewDag());
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("scheduled-1"), RunKind.Scheduled), 0));

        await Store.RefuseAsync(StoreFailure.UniqueViolation, new PutRun(Rows.RunRow(new RunId("backfill-1"), RunKind.Backfill), 0));
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("manual-1")), 0));
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("scheduled-1"), RunKind.Scheduled).Ended(), 1));
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("backfill-2"), RunKind.Backfill, 86_400), 0));
    }

    [Fact]
    public async Task ABatchThatFails_AppliesNothing()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Should.ThrowAsync<StoreException>(Store.ExecuteAsync(
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Extract) with { Detail = "gone" }, 1), new AddHistory(Rows.EventRow("queued", Rows.Extract))),
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Load), 0))));

        (await Store.Reader.ReadTaskAsync(Rows.Extract, None)).ShouldBe(Rows.TaskRow(Rows.Extract));
        (await Store.Queries.GetHistoryAsync(Rows.Run, null, 0, 10, None)).ShouldBeEmpty();
        await Store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Extract), 1));
    }

    [Fact]
    public async Task RowsThatBreakARule_AreRejected()
    {
        await Store.CommitAsync(Rows.NewRun());
        var (task, run) = (Rows.TaskRow(Rows.Extract), Rows.RunRow(Rows.Run));
        RowWrite[] broken =
        [
            new PutTask(task with { Fence = 2 }, 1),
            new PutTask(task with { State = TaskState.Success }, 1),
            new PutTask(task with { EndedAt = At(1) }, 1),
            new PutTask(task with { Unreported = true }, 1),
            new PutTask(task with { RetriesUsed = -1 }, 1),
            new PutTask(task with { PoolSlots = 0 }, 1),
            new PutTask(task with { MapItem = "1" }, 1),
            new PutTask(task with { State = (TaskState)99 }, 1),
            new PutTask(task with { Detail = "a\0b" }, 1),
            new PutTask(Rows.TaskRow(new TaskKey(new RunId("none"), new TaskId("a"))), 0),
            new PutRun(run with { State = RunState.Failed }, 1),
            new PutRun(run with { Params = "{" }, 1),
            new PutRun(run with { DataIntervalEnd = At(-1) }, 1),
            new PutRun(run with { Id = new RunId("other"), VersionHash = "none" }, 0),
            new PutDag(Rows.DagRow(new DagId("new")) with { CurrentHash = "none" }, 0),
            new PutDag(Rows.DagRow(new DagId("new")) with { CurrentHash = Rows.Hash }, 0),
            new AddVersion(Rows.VersionRow(new DagId("none"), "bb22")),
            new PutAttempt(Rows.AttemptRow(new TaskKey(Rows.Run, new TaskId("none")))),
            new PutAttempt(Rows.AttemptRow(Rows.Extract, 0)),
            new PutAttempt(Rows.AttemptRow(Rows.Extract) with { EndedAt = At(1) }),
            new PutAttempt(Rows.AttemptRow(Rows.Extract) with { Cause = AttemptCause.Oom }),
            new PutXcom(new Xcom(Rows.Extract, "k", 1, "1")),
            new PutArtifact(Rows.ArtifactRow(Rows.Extract, "f")),
            new PutCheckpoint(new Checkpoint(Rows.Extract, 1, 1, "u")),
            new SetLimit("global", -1),
            new PutPool(new Pool("gpu", -1), 0),
            new AddOutbox(Rows.OutboxRow(1, 0) with { Kind = "carrier pigeon" }),
            new AddOutbox(Rows.OutboxRow(1, 0) with { Run = new RunId("none") }),
            new AddRequest(new RequestRecord("r", "pause etl", "nonsense", At(0))),
        ];
        foreach (var write in broken) await Store.RefuseAsync(StoreFailure.Rejected, write);
        (await Store.Reader.ReadTaskAsync(Rows.Extract, None)).ShouldBe(task);
    }

    [Fact]
    public async Task ATask_HasOneAttemptAtWork_AndOneOnItsWay()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(new PutAttempt(Rows.AttemptRow(Rows.Extract, 1, AttemptState.Leaving)));
        await Store.CommitAsync(new PutAttempt(Rows.AttemptRow(Rows.Extract, 2, AttemptState.Held)));

        await Store.RefuseAsync(StoreFailure.UniqueViolation, new PutAttempt(Rows.AttemptRow(Rows.Extract, 2, AttemptState.Running)));
        await Store.RefuseAsync(StoreFailure.UniqueViolation, new PutAttempt(Rows.AttemptRow(Rows.Extract, 3, AttemptState.Dispatching)));
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(Rows.Extract, 2, AttemptState.Running)),
            new PutAttempt(Rows.AttemptRow(Rows.Extract, 1, AttemptState.Superseded)));
    }

    [Fact]
    public async Task AVersion_IsStoredOnce()
    {
        await Store.CommitAsync(Rows.NewDag());
        await Store.CommitAsync(new AddVersion(Rows.VersionRow(Rows.Dag, Rows.Hash) with { CreatedAt = At(99) }));
        (await Store.Reader.ReadVersionAsync(Rows.Hash, None))!.CreatedAt.ShouldBe(At(0));
    }

    [Fact]
    public async Task ARequest_IsAnsweredOnce()
    {
        await Store.CommitAsync(new AddRequest(new RequestRecord("r", "pause etl", "1", At(0))));
        await Store.RefuseAsync(StoreFailure.UniqueViolation, new AddRequest(new RequestRecord("r", "pause etl", "2", At(1))));
        (await Store.Reader.ReadRequestsAsync(["r"], None)).ShouldHaveSingleItem().Reply.ShouldBe("1");
    }

    [Fact]
    public async Task Requests_AreReadTogether_AndForgottenByAge_APageAtATime()
    {
        RequestRecord Record(string id, double at) => new(id, "pause etl", "1", At(at));
        await Store.CommitAsync(
            new AddRequest(Record("b", 2)), new AddRequest(Record("a", 2)), new AddRequest(Record("c", 1)), new AddRequest(Record("d", 3)));
        async Task<string> ThereAsync() =>
            string.Concat((await Store.Reader.ReadRequestsAsync(["d", "none", "a", "c", "b", "a"], None)).Select(request => request.Id));

        (await ThereAsync()).ShouldBe("abcd");
        (await Store.Reader.ForgetRequestsAsync(At(3), 2, None)).ShouldBe(2);
        (await ThereAsync()).ShouldBe("bd");
        (await Store.Reader.ForgetRequestsAsync(At(3), 2, None)).ShouldBe(1);
        (await Store.Reader.ForgetRequestsAsync(At(3), 2, None)).ShouldBe(0);
        (await ThereAsync()).ShouldBe("d");
        await Store.CommitAsync(new AddRequest(Record("a", 4)));
    }

    [Fact]
    public async Task AcknowledgingATask_ClearsTheReportOfThatEpoch_AndBumpsNoVersion()
    {
        await Store.CommitAsync(Rows.NewRun());
        var done = Rows.TaskRow(Rows.Extract).Ended() with { Epoch = 2, Version = 2 };
        await Store.CommitAsync(new PutTask(done, 1));

        await Store.CommitAsync(new AcknowledgeTask(Rows.Extract, 1));
        (await Store.Reader.ReadTaskAsync(Rows.Extract, None)).ShouldBe(done);
        await Store.CommitAsync(new AcknowledgeTask(Rows.Extract, 2), new AcknowledgeTask(Rows.Load, 0));
        (await Store.Reader.ReadTaskAsync(Rows.Extract, None)).ShouldBe(done with { Unreported = false });
    }

    [Fact]
    public async Task AnAcknowledgement_LeavesWhatItsBatchReportsAnew()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Extract).Ended(), 1), new PutRun(Rows.RunRow(Rows.Run).Ended(), 1));
        await Store.ExecuteAsync(
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Extract).Ended(at: 20), 2), new PutRun(Rows.RunRow(Rows.Run).Ended(at: 20), 2)),
            Rows.Step(new AcknowledgeTask(Rows.Extract, 0), new AcknowledgeRun(Rows.Run, 2)));
        (await Store.Reader.ReadTaskAsync(Rows.Extract, None))!.Unreported.ShouldBeTrue();
        (await Store.Reader.ReadRunAsync(Rows.Run, None))!.Unreported.ShouldBeTrue();

        await Store.CommitAsync(new AcknowledgeRun(Rows.Run, 2));
        (await Store.Reader.ReadRunAsync(Rows.Run, None))!.Unreported.ShouldBeTrue();
        await Store.CommitAsync(new AcknowledgeRun(Rows.Run, 3));
        (await Store.Reader.ReadRunAsync(Rows.Run, None)).ShouldBe(Rows.RunRow(Rows.Run).Ended(at: 20) with { Unreported = false, Version = 3 });
    }

    [Fact]
    public async Task WhatARerunPublishes_ReplacesWhatWasThere()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(Rows.Extract, 1, AttemptState.Succeeded)), new PutXcom(new Xcom(Rows.Extract, "old", 1, "1")),
            new PutXcom(new Xcom(Rows.Extract, "both", 1, "1")), new PutArtifact(Rows.ArtifactRow(Rows.Extract, "old.csv")),
            new PutCheckpoint(new Checkpoint(Rows.Extract, 1, 5, "file:///5")));

        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(Rows.Extract, 2, AttemptState.Succeeded)), new PutXcom(new Xcom(Rows.Extract, "both", 2, "2")),
            new PutArtifact(Rows.ArtifactRow(Rows.Extract, "new.csv", 2)), new DropPublished(Rows.Extract),
            new PutCheckpoint(new Checkpoint(Rows.Extract, 2, 6, "file:///6")));

        (await Store.Reader.ReadXcomsAsync(Rows.Run, [Rows.Extract.Task], None)).ShouldBe([new Xcom(Rows.Extract, "both", 2, "2")]);
        (await Store.Reader.ReadArtifactsAsync(Rows.Run, [Rows.Extract.Task], None)).ShouldBe([Rows.ArtifactRow(Rows.Extract, "new.csv", 2)]);
        (await Store.Reader.ReadCheckpointAsync(Rows.Extract, None)).ShouldBe(new Checkpoint(Rows.Extract, 2, 6, "file:///6"));
    }

    [Fact]
    public async Task ACancelledBatch_IsNotSent()
    {
        await Should.ThrowAsync<OperationCanceledException>(
            Store.Executor.ExecuteAsync([Rows.Step(Rows.NewRun())], new CancellationToken(canceled: true)));
        (await Store.Reader.ReadRunAsync(Rows.Run, None)).ShouldBeNull();
    }

    /// <summary>A field added to a row must be added here too, and then to every store.</summary>
    private static void ShouldBeFull(object row)
    {
        foreach (var field in row.GetType().GetProperties().Where(property => property.CanWrite))
        {
            var nothing = field.PropertyType.IsValueType ? Activator.CreateInstance(field.PropertyType) : null;
            field.GetValue(row).ShouldNotBe(nothing, $"{row.GetType().Name}.{field.Name} is not set");
        }
    }

    private static DateTimeOffset At(double seconds) => Rows.At(seconds);
}
