using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Dags_ComeWithTheirRuns_AndVersions()
    {
        var second = Rows.VersionRow(Rows.Dag, "bb22") with { CreatedAt = At(5) };
        await Store.CommitAsync([.. Rows.NewRun(), new PutDag(Rows.DagRow(new DagId("a")), 0), new AddVersion(second)]);
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("manual-0"), logicalDate: 5) with { State = RunState.Running }, 0));
        await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId("manual-2"), logicalDate: 3), 0));

        var dags = await Store.Queries.ListDagsAsync(None);
        dags.Select(dag => dag.Head.Id.Value).ShouldBe(["a", "etl"]);
        dags[0].RunsByState.ShouldBeEmpty();
        dags[0].LastRun.ShouldBeNull();
        dags[1].RunsByState.ShouldBe(new Dictionary<RunState, int> { [RunState.Queued] = 2, [RunState.Running] = 1 }, ignoreOrder: true);
        dags[1].LastRun!.Id.ShouldBe(new RunId("manual-0"));

        var detail = await Store.Queries.GetDagAsync(Rows.Dag, None);
        detail!.Head.ShouldBe(Rows.DagRow(Rows.Dag) with { CurrentHash = Rows.Hash });
        detail.Versions.ShouldBe([second, Rows.VersionRow(Rows.Dag, Rows.Hash)]);
        (await Store.Queries.GetDagAsync(new DagId("none"), None)).ShouldBeNull();
    }

    [Fact]
    public async Task Runs_AreNewestFirst_AndFiltered()
    {
        await Store.CommitAsync([.. Rows.NewRun(), new PutDag(Rows.DagRow(new DagId("a")), 0), new AddVersion(Rows.VersionRow(new DagId("a"), "cc33"))]);
        await Store.CommitAsync(
            new PutRun(Rows.RunRow(new RunId("manual-5"), logicalDate: 5).Ended(RunState.Failed), 0),
            new PutRun(Rows.RunRow(new RunId("manual-4"), logicalDate: 4) with { Dag = new DagId("a"), VersionHash = "cc33" }, 0));

        async Task<string> Ids(RunFilter filter) =>
            string.Join(' ', (await Store.Queries.ListRunsAsync(filter, None)).Select(run => run.Run.Id.Value));
        (await Ids(new RunFilter())).ShouldBe("manual-5 manual-4 manual-1");
        (await Ids(new RunFilter { Limit = 1 })).ShouldBe("manual-5");
        (await Ids(new RunFilter { Dag = new DagId("a") })).ShouldBe("manual-4");
        (await Ids(new RunFilter { States = [RunState.Failed, RunState.Cancelled] })).ShouldBe("manual-5");
        (await Ids(new RunFilter { Since = At(5), Dag = Rows.Dag })).ShouldBe("manual-5");
        (await Ids(new RunFilter { Since = At(5) })).ShouldBe("manual-5 manual-4");

        var run = (await Store.Queries.ListRunsAsync(new RunFilter { Dag = Rows.Dag }, None))[^1];
        run.TasksByState.ShouldBe(new Dictionary<TaskState, int> { [TaskState.None] = 2 });
        (await Store.Queries.FindLatestRunAsync(null, None)).ShouldBe(new RunId("manual-5"));
        (await Store.Queries.FindLatestRunAsync(new DagId("a"), None)).ShouldBe(new RunId("manual-4"));
        (await Store.Queries.FindLatestRunAsync(new DagId("none"), None)).ShouldBeNull();
    }

    [Fact]
    public async Task ARun_ComesWithAllThatBelongsToIt()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(Rows.Load, 2)), new PutAttempt(Rows.AttemptRow(Rows.Load, 1, AttemptState.Failed)),
            new PutAttempt(Rows.AttemptRow(Rows.Extract)), new PutArtifact(Rows.ArtifactRow(Rows.Extract, "b")),
            new PutArtifact(Rows.ArtifactRow(Rows.Extract, "a")));

        var run = await Store.Queries.GetRunAsync(Rows.Run, None);
        run!.Run.ShouldBe(Rows.RunRow(Rows.Run));
        run.Tasks.ShouldBe([Rows.TaskRow(Rows.Extract), Rows.TaskRow(Rows.Load)]);
        run.Attempts.ShouldBe([Rows.AttemptRow(Rows.Extract), Rows.AttemptRow(Rows.Load, 1, AttemptState.Failed), Rows.AttemptRow(Rows.Load, 2)]);
        run.Artifacts.ShouldBe([Rows.ArtifactRow(Rows.Extract, "a"), Rows.ArtifactRow(Rows.Extract, "b")]);
        (await Store.Queries.GetRunAsync(new RunId("none"), None)).ShouldBeNull();
    }

    [Fact]
    public async Task History_IsInOrder_AndPagedBySequence()
    {
        await Store.CommitAsync(Rows.NewRun());
        var paused = Rows.EventRow("paused") with { Run = null, Actor = "ann", Detail = "é" };
        var first = Rows.EventRow("queued", Rows.Extract) with
        {
            Epoch = 1, Reason = "dispatching", Detail = "d", Actor = "bob", Address = "10.0.0.7", RequestId = "r-1",
        };
        var pool = Rows.EventRow("resized") with { Dag = null, Pool = "gpu", Run = null, Actor = "ann", RequestId = "r-2" };
        var last = Rows.EventRow("running") with { Dag = null, Pool = "gpu" };
        await Store.CommitAsync(
            new AddHistory(first), new AddHistory(paused), new AddHistory(pool), new AddHistory(Rows.EventRow("running", Rows.Extract)),
            new AddHistory(Rows.EventRow("queued", Rows.Load)), new AddHistory(last));
        await Store.CommitAsync([.. Enumerable.Range(0, 50).Select(i => new AddHistory(Rows.EventRow($"note-{i}", Rows.Load)))]);

        var all = await Store.Queries.GetHistoryAsync(Rows.Run, null, 0, 100, None);
        all.Select(entry => entry.Event.Kind).ShouldBe(
            ["queued", "running", "queued", "running", .. Enumerable.Range(0, 50).Select(i => $"note-{i}")]);
        all[0].Event.ShouldBe(first);
        all[3].Event.ShouldBe(last);
        all.Select(entry => entry.Sequence).ShouldBeInOrder();
        (await Store.Queries.GetHistoryAsync(Rows.Run, null, all[1].Sequence, 2, None)).ShouldBe(all.Skip(2).Take(2));
        (await Store.Queries.GetHistoryAsync(Rows.Run, Rows.Extract.Task, 0, 100, None)).ShouldBe(all.Take(2));
    }

    [Fact]
    public async Task Pools_ComeWithWhatIsUsed()
    {
        await Store.CommitAsync(new PutPool(new Pool("gpu", 2, "cards"), 0), new PutPool(new Pool("a", 1), 0));
        await Store.ExecuteAsync(Taking(null, ("pool/gpu", 2)));
        (await Store.Queries.ListPoolsAsync(None)).ShouldBe(
            [new PoolUsage(new Pool("a", 1), 0, 0), new PoolUsage(new Pool("default", 128), 0, 0), new PoolUsage(new Pool("gpu", 2, "cards"), 2, 0)]);
    }
}
