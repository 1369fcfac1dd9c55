using OrleansFlow.Api.Watching;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>What watchers of a run are sent.</summary>
public sealed class RunPictureTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DagRun Row = new()
    {
        Id = new RunId("manual-1"), Dag = new DagId("etl"), VersionHash = "aa", Kind = RunKind.Manual, LogicalDate = At,
        DataIntervalStart = At, DataIntervalEnd = At, Params = "{}", CreatedAt = At,
    };

    [Fact]
    public void AWatcher_GetsWhatChangedSinceItWasThere_AndOlderRowsNever()
    {
        var picture = Picture(3);
        var seen = picture.Revision;
        picture.Merge(null, [Task(1, version: 2)]).ShouldBeTrue();
        picture.Merge(null, [Task(1, version: 1)]).ShouldBeFalse();

        var sent = picture.Since(seen, statesOnly: true).ShouldHaveSingleItem();
        sent.ChangedTasks.ShouldHaveSingleItem().Version.ShouldBe(2);
        sent.Snapshot.ShouldBeFalse();
        picture.Since(picture.Revision, statesOnly: true).ShouldBeEmpty();
    }

    [Fact]
    public void Progress_IsNews_ThoughTheRowIsTheSame()
    {
        var picture = Picture(3);
        var half = new TaskProgress(0.5, "half", At);
        var seen = picture.Revision;
        picture.Merge(null, [Task(1, version: 1) with { Progress = half }]).ShouldBeTrue();
        var sent = picture.Since(seen, statesOnly: true).ShouldHaveSingleItem().ChangedTasks.ShouldHaveSingleItem();
        (sent.Progress.Fraction, sent.Progress.Message).ShouldBe((0.5, "half"));
        picture.Merge(null, [Task(1, version: 1) with { Progress = half }]).ShouldBeFalse();
        picture.Merge(null, [Task(1, version: 1)]).ShouldBeFalse();

        picture.Merge(null, [Task(1, version: 2)]).ShouldBeTrue();
        picture.Snapshot(false)[0].ChangedTasks.ShouldAllBe(task => task.Progress == null);
    }

    [Fact]
    public void WatchersAtTheSamePlace_ShareTheirMessages()
    {
        var picture = Picture(3);
        picture.Snapshot(true).ShouldBeSameAs(picture.Snapshot(true));
        picture.Snapshot(false).ShouldNotBeSameAs(picture.Snapshot(true));
    }

    [Fact]
    public void LargeSnapshots_ComeInParts_AndOnlyTheLastHasACursor()
    {
        var parts = Picture(RunPicture.PartSize + 1).Snapshot(true);
        parts.Count.ShouldBe(2);
        (parts[0].Snapshot, parts[0].More, parts[0].Cursor).ShouldBe((true, true, ""));
        (parts[1].Snapshot, parts[1].More, parts[1].Run).ShouldBe((false, false, null));
        parts[1].Cursor.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(500)]
    public void ACursor_MissesNoChange_HoweverSmall_AtAnotherHost(int tasks)
    {
        var cursor = RunCursor.Read(Row.Id, Picture(tasks).Snapshot(true)[^1].Cursor)!;
        for (var changed = 0; changed < tasks; changed += 7)
        {
            var elsewhere = Picture(tasks);
            elsewhere.Merge(null, [Task(changed, version: 2)]);
            elsewhere.Since(cursor, true).SelectMany(part => part.ChangedTasks).ShouldContain(task => task.Version == 2);
        }

        Picture(tasks).Since(cursor, true).SelectMany(part => part.ChangedTasks).ShouldBeEmpty();
    }

    [Fact]
    public void ACursor_OfSomebodyWhoHasSeenMore_IsKnownForOne()
    {
        var ahead = Picture(5);
        ahead.Merge(null, [Task(1, version: 2)]);
        ahead.Cursor.IsAheadOf(Picture(5).Cursor).ShouldBeTrue();
        Picture(5).Cursor.IsAheadOf(ahead.Cursor).ShouldBeFalse();
    }

    private static RunPicture Picture(int tasks)
    {
        var picture = new RunPicture(Row, attempt => $"/logs/{attempt}");
        picture.Merge(Row, [.. Enumerable.Range(0, tasks).Select(i => Task(i))]);
        return picture;
    }

    private static TaskDetail Task(int i, long version = 1) =>
        new(new TaskInstance { Key = new TaskKey(Row.Id, new TaskId("task"), i), Version = version }, [], []);
}
