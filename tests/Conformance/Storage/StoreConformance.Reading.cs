using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task DueRows_AreEarliestFirst_AndPaged()
    {
        await Store.CommitAsync(Rows.NewRun());
        var mapped = new TaskKey(Rows.Run, new TaskId("extract"), 10);
        await Store.CommitAsync(
            new PutDag(Rows.DagRow(Rows.Dag) with { WakeAt = At(30) }, 1),
            new PutRun(Rows.RunRow(Rows.Run) with { WakeAt = At(10) }, 1),
            new PutTask(Rows.TaskRow(Rows.Extract) with { WakeAt = At(20) }, 1),
            new PutTask(Rows.TaskRow(mapped) with { WakeAt = At(20) }, 0),
            new PutTask(Rows.TaskRow(Rows.Load) with { WakeAt = At(31) }, 1));

        (await Store.Reader.ReadDueAsync(At(30), 10, None)).ShouldBe(
        [
            new DueRow(RowKey.Of(Rows.Run), 2), new DueRow(RowKey.Of(Rows.Extract), 2), new DueRow(RowKey.Of(mapped), 1),
            new DueRow(RowKey.Of(Rows.Dag), 2),
        ]);
        (await Store.Reader.ReadDueAsync(At(30), 2, None)).Select(due => due.Key).ShouldBe([RowKey.Of(Rows.Run), RowKey.Of(Rows.Extract)]);
        (await Store.Reader.ReadDueAsync(At(9), 10, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Waiters_GoByPriority_ThenLogicalDate_ThenMapIndex()
    {
        var later = new RunId("manual-0");
        await Store.CommitAsync([.. Rows.NewRun(), new PutRun(Rows.RunRow(later, logicalDate: 5), 0)]);
        TaskInstance Waiting(RunId run, string task, int mapIndex, long priority = 1) => new()
        {
            Key = new TaskKey(run, new TaskId(task), mapIndex), State = TaskState.Scheduled, Reason = TaskReason.PoolFull, Pool = "gpu",
            PoolSlots = mapIndex + 2, Priority = priority,
        };
        TaskInstance[] waiting =
        [
            Waiting(Rows.Run, "a", 1), Waiting(Rows.Run, "b", 0), Waiting(Rows.Run, "a", 0), Waiting(later, "a", -1), Waiting(later, "z", 5, 2),
            Waiting(Rows.Run, "elsewhere", -1) with { Pool = "default" },
            Waiting(Rows.Run, "queued", -1) with { State = TaskState.Queued },
        ];
        await Store.CommitAsync([.. waiting.Select(task => new PutTask(task, 0)), new PutPool(new Pool("gpu", 4), 0)]);

        var turns = await Store.Reader.ReadWaitersAsync("gpu", 10, None);
        turns.Select(waiter => waiter.Task.ToString()).ShouldBe(["manual-0/z/5", "manual-1/a/0", "manual-1/b/0", "manual-1/a/1", "manual-0/a"]);
        turns[0].ShouldBe(new Waiter(waiting[4].Key, Rows.Dag, 2, At(5), 7));
        (await Store.Reader.ReadWaitersAsync("gpu", 2, None)).ShouldBe(turns.Take(2));
        (await Store.Queries.ListPoolsAsync(None)).Single(usage => usage.Pool.Name == "gpu").Waiting.ShouldBe(5);
    }

    [Fact]
    public async Task TasksAndAttempts_AreInKeyOrder()
    {
        await Store.CommitAsync([.. Rows.NewDag(), new PutRun(Rows.RunRow(Rows.Run), 0)]);
        TaskKey[] keys =
        [
            new(Rows.Run, new TaskId("B")), new(Rows.Run, new TaskId("a")), new(Rows.Run, new TaskId("a"), 0), new(Rows.Run, new TaskId("a"), 2),
            new(Rows.Run, new TaskId("a"), 10), new(Rows.Run, new TaskId("a-b")), new(Rows.Run, new TaskId("a.b")), new(Rows.Run, new TaskId("a_b")),
        ];
        await Store.CommitAsync([.. keys.Reverse().Select(key => new PutTask(Rows.TaskRow(key), 0))]);
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(keys[4], 10)), new PutAttempt(Rows.AttemptRow(keys[4], 9, AttemptState.Failed)),
            new PutAttempt(Rows.AttemptRow(keys[3], 1, AttemptState.Running)), new PutAttempt(Rows.AttemptRow(keys[3], 2, AttemptState.Held)));

        (await Store.Reader.ReadTasksAsync(Rows.Run, None)).Select(task => task.Key).ShouldBe(keys);
        (await Store.Reader.ReadAttemptsAsync(keys[4], None)).Select(attempt => attempt.Key.Epoch).ShouldBe([9, 10]);
        AttemptKey[] live = [new(keys[3], 1), new(keys[3], 2), new(keys[4], 10)];
        (await Store.Reader.ReadLiveAttemptsAsync(null, None)).Select(attempt => attempt.Key).ShouldBe(live);
        (await Store.Reader.ReadLiveAttemptsAsync(Rows.Run, None)).Select(attempt => attempt.Key).ShouldBe(live);
        (await Store.Reader.ReadLiveAttemptsAsync(new RunId("none"), None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task LiveRuns_AreOldestFirst_AndPagedById()
    {
        await Store.CommitAsync(Rows.NewDag());
        RunId[] ids = [new("manual-c"), new("manual-a"), new("manual-d"), new("manual-b")];
        await Store.CommitAsync([.. ids.Select((id, i) => new PutRun(Rows.RunRow(id, logicalDate: i / 2), 0))]);
        await Store.CommitAsync(new PutRun(Rows.RunRow(ids[3], logicalDate: 1).Ended(), 1));

        (await Store.Reader.ReadLiveRunsAsync(null, 10, None)).ShouldBe([ids[1], ids[0], ids[2]]);
        (await Store.Reader.ReadLiveRunsAsync(null, 1, None)).ShouldBe([ids[1]]);
        (await Store.Reader.ReadLiveRunsAsync(ids[1], 10, None)).ShouldBe([ids[0], ids[2]]);
        (await Store.Reader.ReadLiveRunsAsync(ids[3], 10, None)).ShouldBe([ids[2]]);
        (await Store.Reader.ReadOpenRunsAsync(Rows.Dag, None)).Select(run => run.Id).ShouldBe([ids[1], ids[0], ids[3], ids[2]]);
        await Store.CommitAsync(new AcknowledgeRun(ids[3], 2));
        (await Store.Reader.ReadOpenRunsAsync(Rows.Dag, None)).Select(run => run.Id).ShouldBe([ids[1], ids[0], ids[2]]);
    }

    [Fact]
    public async Task Unreported_AreThoseThatEndedBefore()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(
            new PutTask(Rows.TaskRow(Rows.Extract).Ended(at: 11) with { Epoch = 3 }, 1), new PutTask(Rows.TaskRow(Rows.Load).Ended(at: 10), 1),
            new PutRun(Rows.RunRow(Rows.Run).Ended(at: 12), 1));

        (await Store.Reader.ReadUnreportedTasksAsync(At(12), 10, None))
            .ShouldBe([new UnreportedTask(Rows.Load, TaskState.Success, 0, 2), new UnreportedTask(Rows.Extract, TaskState.Success, 3, 2)]);
        (await Store.Reader.ReadUnreportedTasksAsync(At(11), 10, None)).ShouldBe([new UnreportedTask(Rows.Load, TaskState.Success, 0, 2)]);
        (await Store.Reader.ReadUnreportedRunsAsync(At(12), 10, None)).ShouldBeEmpty();
        (await Store.Reader.ReadUnreportedRunsAsync(At(13), 10, None)).ShouldBe([new UnreportedRun(Rows.Dag, Rows.Run, 2)]);
    }

    [Fact]
    public async Task Published_AreThoseOfTheTasksAsked()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(Rows.Extract)), new PutAttempt(Rows.AttemptRow(Rows.Load)),
            new PutXcom(new Xcom(Rows.Load, "b", 1, "1")), new PutXcom(new Xcom(Rows.Load, "a", 1, "2")),
            new PutXcom(new Xcom(Rows.Extract, "c", 1, "null")), new PutArtifact(Rows.ArtifactRow(Rows.Load, "x")));

        (await Store.Reader.ReadXcomsAsync(Rows.Run, [Rows.Load.Task, Rows.Extract.Task], None)).Select(xcom => xcom.Key).ShouldBe(["c", "a", "b"]);
        (await Store.Reader.ReadXcomsAsync(Rows.Run, [Rows.Load.Task], None)).Select(xcom => xcom.Key).ShouldBe(["a", "b"]);
        (await Store.Reader.ReadXcomsAsync(Rows.Run, [], None)).ShouldBeEmpty();
        (await Store.Reader.ReadArtifactsAsync(Rows.Run, [Rows.Extract.Task], None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task TheOutbox_IsDoneInOrder_Deferred_AndGivenUp()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(new AddOutbox(Rows.OutboxRow(2, 1)), new AddOutbox(Rows.OutboxRow(1, 1)), new AddOutbox(Rows.OutboxRow(3, 0)));
        await Store.RefuseAsync(StoreFailure.UniqueViolation, new AddOutbox(Rows.OutboxRow(3, 0)));
        var due = await Store.Reader.ReadOutboxAsync(At(1), 10, None);
        due.ShouldBe([Rows.OutboxRow(3, 0), Rows.OutboxRow(1, 1), Rows.OutboxRow(2, 1)]);
        (await Store.Reader.ReadOutboxAsync(At(1), 1, None)).ShouldBe([Rows.OutboxRow(3, 0)]);

        await Store.Reader.CompleteOutboxAsync(due[0].Id, None);
        await Store.Reader.DeferOutboxAsync(due[1].Id, "timed out", At(60), None);
        await Store.Reader.DeferOutboxAsync(due[2].Id, "410 gone", null, None);
        await Store.Reader.CompleteOutboxAsync(Guid.Empty, None);

        (await Store.Reader.ReadOutboxAsync(At(59), 10, None)).ShouldBeEmpty();
        (await Store.Reader.ReadOutboxAsync(At(60), 10, None))
            .ShouldBe([Rows.OutboxRow(1, 60) with { Failures = 1, LastError = "timed out" }]);
    }
}
