using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Notices;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>How far running attempts say they are, as those see it who read their task instances.</summary>
public sealed class ProgressFacts : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly Dictionary<TaskKey, long> _versions = [];
    private PostgresUnderTest _store = null!;
    private PostgresProgress _rows = null!;
    private PostgresQueries _queries = null!;

    public async Task InitializeAsync()
    {
        _store = await PostgresUnderTest.StartAsync();
        (_rows, _queries) = (new PostgresProgress(_store.Connections), new PostgresQueries(_store.Connections));
        await _store.CommitAsync([.. Rows.NewRun()]);
        await SetAsync(Rows.Extract, 1, TaskState.Running);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task WhatTheRunningAttemptSays_IsSeenInEveryPicture()
    {
        (await SeenAsync()).ShouldBeNull();

        await SayAsync(1, "half", 0.5);
        (await SeenAsync()).ShouldBe(new TaskProgress(0.5, "half", Rows.At(1)));
        await SayAsync(1, "more", null);

        (await SeenAsync()).ShouldBe(new TaskProgress(null, "more", Rows.At(1)));
    }

    [Fact]
    public async Task WhatAnotherAttemptSaid_IsNotSeen_AndReplacesNothingOfALaterOne()
    {
        await SayAsync(2, "ahead of its row", null);
        (await SeenAsync()).ShouldBeNull();
        await SayAsync(1, "late", null);
        await SetAsync(Rows.Extract, 2, TaskState.Running);

        (await SeenAsync())!.Message.ShouldBe("ahead of its row");
    }

    [Fact]
    public async Task WhatHasEnded_IsNotSeen_AndForgotten()
    {
        await SayAsync(1, "half", null);
        await EndAsync(2);
        (await SeenAsync())!.Message.ShouldBe("half", "another attempt has ended");
        await EndAsync(1);
        (await SeenAsync()).ShouldBeNull();

        await SayAsync(1, "again", null);
        await SetAsync(Rows.Extract, 1, TaskState.Queued);

        (await SeenAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task WhatADeadHostLeft_IsTakenOut_AndNothingElse()
    {
        await SayAsync(1, "half", null);
        await _rows.WriteAsync([new AttemptProgress(new AttemptKey(Rows.Load, 1), new TaskProgress(null, "left", Rows.At(1)))], None);

        await _rows.PruneAsync(None);

        (await SeenAsync())!.Message.ShouldBe("half");
        await SetAsync(Rows.Load, 1, TaskState.Running);
        (await _queries.FindTasksAsync(Rows.Run, [Rows.Load], None)).ShouldHaveSingleItem().Progress.ShouldBeNull();
    }

    // All pictures must agree.
    private async Task<TaskProgress?> SeenAsync()
    {
        var seen = (await _queries.GetRunAsync(Rows.Run, None))!.Progress.GetValueOrDefault(Rows.Extract);
        (await _queries.FindTasksAsync(Rows.Run, [Rows.Extract], None)).ShouldHaveSingleItem().Progress.ShouldBe(seen);
        (await _queries.PageTasksAsync(new TaskFilter { Run = Rows.Run }, None)).Single(task => task.Task.Key == Rows.Extract).Progress.ShouldBe(seen);
        (await _queries.ReadVersionsAsync(Rows.Run, None))!.Tasks.Single(task => task.Task == Rows.Extract).SaidAt.ShouldBe(seen?.At);
        return seen;
    }

    private Task SayAsync(int epoch, string message, double? fraction) =>
        _rows.WriteAsync([new AttemptProgress(new AttemptKey(Rows.Extract, epoch), new TaskProgress(fraction, message, Rows.At(1)))], None);

    private Task EndAsync(int epoch) => _rows.WriteAsync([new AttemptProgress(new AttemptKey(Rows.Extract, epoch), null)], None);

    private async Task SetAsync(TaskKey task, int epoch, TaskState state)
    {
        var version = _versions.GetValueOrDefault(task, 1);
        var row = Rows.TaskRow(task) with { Version = version + 1, Epoch = epoch, State = state, Reason = TaskReason.Executing };
        await _store.CommitAsync(new PutTask(row, version));
        _versions[task] = version + 1;
    }
}
