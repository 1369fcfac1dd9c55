using System.Text.Json;
using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Tests.Conformance.Artifacts;

/// <summary>On a folder.</summary>
public sealed class LocalFolderConformance : ArtifactStoreConformance
{
    private readonly LocalFolderStore _store;
    private readonly LocalLogStore _logs;

    public LocalFolderConformance()
    {
        _logs = new LocalLogStore(Path.Combine(Folder, "logs"), TimeProvider.System);
        _store = new LocalFolderStore(Root, _logs, TimeProvider.System);
    }

    protected override IAttemptStorage Storage => _store;

    protected override IArtifactStore Store => _store;

    protected override ILogStore Logs => _logs;

    private string Root => Path.Combine(Folder, "artifacts");

    protected override void Age(TimeSpan by)
    {
        foreach (var folder in Directory.GetDirectories(Root, "*", SearchOption.AllDirectories))
            Directory.SetLastWriteTimeUtc(folder, Directory.GetLastWriteTimeUtc(folder) - by);
    }

    [Fact]
    public async Task Prefix_HoldsReadOnlyFiles_AndAManifest()
    {
        var source = Path.Combine(Folder, "source", "x");
        await File.WriteAllTextAsync(source, "model");
        var attempt = new AttemptKey(new TaskKey(new RunId("r"), new TaskId("t")), 4);
        await _store.StageAsync(new DagId("d"), attempt, [new LocalFile("m/model.bin", source)], CancellationToken.None);

        var prefix = Path.Combine(Root, "d/r/t/_attempts/4");
        File.GetUnixFileMode(Path.Combine(prefix, "m/model.bin")).ShouldBe(
            UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(prefix, "_manifest.json")));
        var file = manifest.RootElement.GetProperty("files").EnumerateArray().ShouldHaveSingleItem();
        file.GetProperty("name").GetString().ShouldBe("m/model.bin");
        file.GetProperty("size").GetInt64().ShouldBe(5);
        file.GetProperty("sha256").GetString().ShouldBe("9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4");
    }

    [Fact]
    public async Task InterruptedWrite_IsReplaced_AndSweptWhenOld()
    {
        var unfinished = Path.Combine(Root, "d/r/t/_attempts/4.tmp");
        Directory.CreateDirectory(unfinished);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "half"), "half");
        Age(TimeSpan.FromHours(25));
        var report = await _store.SweepAsync(
            TimeSpan.FromHours(24), (_, _) => Task.FromResult<IReadOnlySet<StoredPrefix>>(new HashSet<StoredPrefix>()), CancellationToken.None);
        report.ShouldBe(new SweepReport(1, 4));
        Directory.GetFileSystemEntries(Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task Uri_ThatLeavesTheFolder_IsRefused()
    {
        var refused = await Should.ThrowAsync<ArtifactException>(
            () => _store.OpenAsync($"file://{Root}/../source/x", CancellationToken.None));
        refused.Message.ShouldContain("not in the artifact folder");
    }

    [Fact]
    public async Task LogsOfRunsThatEndedLongAgo_AreRemoved_AndThatIsRemembered()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (old, open, young) = (Log("old"), Log("open"), Log("young"));
        foreach (var attempt in new[] { old, open, young })
            await using (var sink = _store.OpenLog(new DagId("d"), attempt)) await sink.AppendAsync("line\n"u8.ToArray(), CancellationToken.None);
        foreach (var run in new[] { "old", "open" }) Directory.SetLastWriteTimeUtc(Path.Combine(Folder, $"logs/dag_id=d/run_id={run}"), now.UtcDateTime.AddDays(-9));
        (await _logs.ReadRemovedBeforeAsync(CancellationToken.None)).ShouldBeNull();

        var asked = new List<RunId>();
        var report = await RemoveAsync(now.AddDays(-7));

        asked.ShouldBe([old.Task.Run, open.Task.Run], ignoreOrder: true);
        report.ShouldBe(new SweepReport(1, 5));
        File.Exists(_logs.Locate(new DagId("d"), old)).ShouldBeFalse();
        File.Exists(_logs.Locate(new DagId("d"), open)).ShouldBeTrue();
        (await _logs.ReadRemovedBeforeAsync(CancellationToken.None)).ShouldBe(now.AddDays(-7));
        await RemoveAsync(now.AddDays(-8));
        (await _logs.ReadRemovedBeforeAsync(CancellationToken.None)).ShouldBe(now.AddDays(-7), "a longer retention brings nothing back");

        Task<SweepReport> RemoveAsync(DateTimeOffset before) => _logs.RemoveAsync(
            before,
            (runs, _) =>
            {
                asked.AddRange(runs);
                return Task.FromResult<IReadOnlySet<RunId>>(runs.Where(run => run == old.Task.Run).ToHashSet());
            },
            CancellationToken.None);

        static AttemptKey Log(string run) => new(new TaskKey(new RunId(run), new TaskId("t")), 1);
    }
}
