using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

public abstract partial class StoreConformance
{
    private IPagedQueries Pages => (IPagedQueries)Store.Queries;

    [Fact]
    public async Task PagesOfRuns_GoOnBehindTheLastOne_WhateverIsMadeMeanwhile()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync([.. Enumerable.Range(2, 6).Select(i => new PutRun(Rows.RunRow(new RunId($"manual-{i}"), logicalDate: i / 2), 0))]);

        var ids = new List<string>();
        RunPosition? after = null;
        while (true)
        {
            var page = await Store.Queries.ListRunsAsync(new RunFilter { After = after, Limit = 2 }, None);
            if (page.Count == 0) break;
            ids.AddRange(page.Select(run => run.Run.Id.Value));
            after = RunPosition.Of(page[^1].Run);
            await Store.CommitAsync(new PutRun(Rows.RunRow(new RunId($"new-{ids.Count}"), logicalDate: 100), 0));
        }

        ids.ShouldBe(["manual-7", "manual-6", "manual-5", "manual-4", "manual-3", "manual-2", "manual-1"]);
    }

    [Fact]
    public async Task PagesOfDags_AreByKey_AndFiltered()
    {
        await Store.CommitAsync([.. Rows.NewRun(), new PutDag(Rows.DagRow(new DagId("a")) with { Paused = true }, 0), new PutDag(Rows.DagRow(new DagId("z")), 0)]);

        async Task<string> Ids(DagFilter filter) => string.Join(' ', (await Pages.PageDagsAsync(filter, None)).Select(dag => dag.Head.Id.Value));
        (await Ids(new DagFilter { Limit = 2 })).ShouldBe("a etl");
        (await Ids(new DagFilter { After = new DagId("etl") })).ShouldBe("z");
        (await Ids(new DagFilter { Paused = true })).ShouldBe("a");
        (await Ids(new DagFilter { Paused = false })).ShouldBe("etl z");
        var one = (await Pages.PageDagsAsync(new DagFilter { Dag = Rows.Dag }, None)).ShouldHaveSingleItem();
        (one.LastRun!.Id, one.RunsByState.Values.Sum()).ShouldBe((Rows.Run, 1));
        (await Pages.FindDagRowAsync(Rows.Dag, None)).ShouldBe(one.Head);
        (await Pages.FindDagRowAsync(new DagId("none"), None)).ShouldBeNull();
    }

    [Fact]
    public async Task PagesOfDags_AreFilteredByWhatTheirCurrentVersionSays()
    {
        await ApplyAsync("a", "ann", "etl", "daily");
        await ApplyAsync("b", "bob", "etl");
        await ApplyAsync("c", "ann");
        // an earlier version of it said otherwise, and of the last one only a file was run
        await ApplyAsync("b", "ann", "daily", "etl", "more");
        await Store.CommitAsync(new PutDag(Rows.DagRow(new DagId("d")), 0));

        async Task<string> Ids(DagFilter filter) => string.Join(' ', (await Pages.PageDagsAsync(filter, None)).Select(dag => dag.Head.Id.Value));
        (await Ids(new DagFilter { Owner = "ann" })).ShouldBe("a b c");
        (await Ids(new DagFilter { Owner = "bob" })).ShouldBeEmpty();
        (await Ids(new DagFilter { Tags = ["etl"] })).ShouldBe("a b");
        (await Ids(new DagFilter { Tags = ["etl", "more"] })).ShouldBe("b");
        (await Ids(new DagFilter { Tags = ["etl", "none"] })).ShouldBeEmpty();
        (await Ids(new DagFilter { Owner = "ann", Tags = ["daily"], After = new DagId("a"), Limit = 1 })).ShouldBe("b");
        (await Ids(new DagFilter())).ShouldBe("a b c d");
    }

    private async Task ApplyAsync(string dag, string owner, params string[] tags)
    {
        var id = new DagId(dag);
        var spec = CanonicalJson.Write(new DagSpec { Id = id, Owner = owner, Tags = tags, Tasks = [new TaskSpec { Id = new TaskId("t"), Action = new NoopAction() }] });
        var version = Rows.VersionRow(id, CanonicalJson.Hash(spec)) with { Spec = spec };
        var known = await Pages.FindDagRowAsync(id, None);
        var head = Rows.DagRow(id) with { CurrentHash = version.Hash, Version = (known?.Version ?? 0) + 1 };
        await Store.CommitAsync(new PutDag(head, known?.Version ?? 0), new AddVersion(version));
    }

    [Fact]
    public async Task PagesOfVersions_AreNewestFirst()
    {
        var versions = Enumerable.Range(0, 4).Select(i => Rows.VersionRow(Rows.Dag, $"h{i}") with { CreatedAt = At(i / 2) }).ToArray();
        await Store.CommitAsync([new PutDag(Rows.DagRow(Rows.Dag), 0), .. versions.Select(version => new AddVersion(version))]);

        var first = await Pages.PageVersionsAsync(Rows.Dag, null, 3, None);
        first.Select(version => version.Hash).ShouldBe(["h3", "h2", "h1"]);
        (await Pages.PageVersionsAsync(Rows.Dag, first[^1], 3, None)).Select(version => version.Hash).ShouldBe(["h0"]);
        (await Pages.FindVersionAsync("h2", None)).ShouldBe(versions[2]);
        (await Pages.FindVersionAsync("none", None)).ShouldBeNull();
    }

    [Fact]
    public async Task PagesOfTasks_ComeWithAttemptsAndArtifacts()
    {
        var elements = Enumerable.Range(0, 3).Select(i => new TaskKey(Rows.Run, new TaskId("map"), i)).ToArray();
        await Store.CommitAsync([.. Rows.NewRun(), .. elements.Select(key => new PutTask(Rows.TaskRow(key), 0))]);
        await Store.CommitAsync(
            new PutAttempt(Rows.AttemptRow(elements[1])), new PutAttempt(Rows.AttemptRow(Rows.Extract)),
            new PutArtifact(Rows.ArtifactRow(Rows.Extract, "a")), new PutXcom(new Xcom(Rows.Extract, "k", 1, "1")));

        async Task<string> Keys(TaskFilter filter) => string.Join(' ', (await Pages.PageTasksAsync(filter, None)).Select(task => task.Task.Key.Label));
        (await Keys(new TaskFilter { Run = Rows.Run })).ShouldBe("extract load map[0] map[1] map[2]");
        (await Keys(new TaskFilter { Run = Rows.Run, Limit = 3 })).ShouldBe("extract load map[0]");
        (await Keys(new TaskFilter { Run = Rows.Run, After = elements[0] })).ShouldBe("map[1] map[2]");
        (await Keys(new TaskFilter { Run = Rows.Run, Task = new TaskId("map"), MapIndex = 2 })).ShouldBe("map[2]");
        (await Keys(new TaskFilter { Run = Rows.Run, States = [TaskState.Running] })).ShouldBeEmpty();

        var found = await Pages.FindTasksAsync(Rows.Run, [elements[1], Rows.Extract, new TaskKey(Rows.Run, new TaskId("none"))], None);
        found.Select(task => task.Task.Key).ShouldBe([Rows.Extract, elements[1]]);
        (found[0].Attempts.Count, found[0].Artifacts.Count, found[1].Attempts.Count).ShouldBe((1, 1, 1));
        var versions = await Pages.ReadVersionsAsync(Rows.Run, None);
        (versions!.Run, versions.Tasks.Count, versions.Tasks[0]).ShouldBe((1L, 5, new TaskVersion(Rows.Extract, 1L, null)));
        (await Pages.ReadVersionsAsync(new RunId("none"), None)).ShouldBeNull();

        var artifacts = new ValueFilter { Run = Rows.Run };
        (await Pages.PageArtifactsAsync(artifacts, None)).ShouldBe([Rows.ArtifactRow(Rows.Extract, "a")]);
        (await Pages.PageArtifactsAsync(artifacts with { After = (Rows.Extract, "a") }, None)).ShouldBeEmpty();
        (await Pages.PageXcomsAsync(new ValueFilter { Run = Rows.Run, Name = "k" }, None)).ShouldHaveSingleItem().Value.ShouldBe("1");
        (await Pages.FindRunAsync(Rows.Run, None))!.TasksByState[TaskState.None].ShouldBe(5);
        (await Pages.FindRunRowAsync(Rows.Run, None)).ShouldBe(Rows.RunRow(Rows.Run));
    }

    [Fact]
    public async Task ARecordedAnswer_IsFoundByItsRequest()
    {
        var request = new RequestRecord("req-1", "trigger etl hash", """{"Run":"manual-1"}""", Rows.At(1));
        await Store.CommitAsync([.. Rows.NewRun(), new AddRequest(request)]);
        (await Pages.FindRequestAsync("req-1", None)).ShouldBe(request);
        (await Pages.FindRequestAsync("req-2", None)).ShouldBeNull();
    }

    [Fact]
    public async Task History_IsSettled_OnceNobodyCommitsBeforeIt()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(new AddHistory(Rows.EventRow("one")), new AddHistory(Rows.EventRow("two")));
        var page = await Pages.ReadHistoryAsync(Rows.Run, null, 0, 10, None);
        while (page.SettledTo < page.Entries[^1].Sequence) page = await Pages.ReadHistoryAsync(Rows.Run, null, 0, 10, None);
        page.Entries.Select(entry => entry.Event.Kind).ShouldBe(["one", "two"]);
        (await Pages.ReadHistoryAsync(Rows.Run, null, page.SettledTo, 10, None)).Entries.ShouldBeEmpty();
    }
}
