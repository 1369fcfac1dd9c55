using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Unit.Fakes;
using static OrleansFlow.Tests.Unit.Scheduling.Storage.Steps;

namespace OrleansFlow.Tests.Unit.Scheduling.Storage;

public sealed class GroupCommitterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTime _time = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ScriptedExecutor _store = new();
    private readonly NotingObserver _observer = new();
    private readonly CancellationTokenSource _stopping = new();
    private GroupCommitOptions _options = new() { Window = TimeSpan.Zero };
    private GroupCommitter? _committer;
    private Task _writer = Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    [Fact]
    public async Task AnIdleWriter_WritesAtOnce()
    {
        var commit = Commit(Put("a"));
        Run();
        var batch = await NextAsync();
        batch.Names.ShouldBe(["a"]);
        batch.Commit();
        (await commit.WaitAsync(Patience)).ShouldBe(StepOutcome.Committed);
        _observer.Notes.ShouldBe(["executed 1"]);
    }

    [Fact]
    public async Task WhatHasArrived_GoesInOneBatch_AndEachHearsOfItsOwn()
    {
        var commits = new[] { Commit(Put("a")), Commit(Put("b")), Commit(Put("c")) };
        Run();
        var batch = await NextAsync();
        batch.Names.ShouldBe(["a", "b", "c"]);
        var conflict = new StepOutcome(StepStatus.Conflict, "moved");
        batch.Answer.SetResult([StepOutcome.Committed, conflict, StepOutcome.Committed]);
        (await Task.WhenAll(commits).WaitAsync(Patience)).ShouldBe([StepOutcome.Committed, conflict, StepOutcome.Committed]);
    }

    [Fact]
    public async Task ABusyWriter_WaitsTheWindow_ForMore()
    {
        _options = new GroupCommitOptions();
        var first = new[] { Commit(Put("a")), Commit(Put("b")) };
        Run();
        (await NextAsync()).Commit();
        await Task.WhenAll(first).WaitAsync(Patience);

        var second = Commit(Put("c"));
        await _time.TimerSetAsync().WaitAsync(Patience);
        _store.HasNone.ShouldBeTrue();
        var third = Commit(Put("d"));
        _time.Advance(TimeSpan.FromMilliseconds(2));
        var batch = await NextAsync();
        batch.Names.ShouldBe(["c", "d"]);
        batch.Commit();
        await Task.WhenAll(second, third).WaitAsync(Patience);
    }

    [Fact]
    public async Task StepsOnOneRow_GoInSuccessiveBatches_InOrder_AndOthersPassThem()
    {
        var commits = new[] { Commit(Put("a", 1)), Commit(Puts("a", "b")), Commit(Put("b", 3)), Commit(Put("c")) };
        Run();
        string[][] expected = [["a", "c"], ["a"], ["b"]];
        foreach (var names in expected)
        {
            var batch = await NextAsync();
            batch.Names.ShouldBe(names);
            batch.Commit();
        }

        await Task.WhenAll(commits).WaitAsync(Patience);
    }

    [Fact]
    public async Task ABatch_HasItsGreatestSize_InStepsAndWrites()
    {
        _options = new GroupCommitOptions { MaxSteps = 2, MaxWrites = 3, Window = TimeSpan.Zero };
        var commits = new[] { Commit(Puts("a", "b", "c", "d")), Commit(Put("e")), Commit(Put("f")), Commit(Put("g")) };
        Run();
        string[][] expected = [["a"], ["e", "f"], ["g"]];
        foreach (var names in expected)
        {
            var batch = await NextAsync();
            batch.Names.ShouldBe(names);
            batch.Commit();
        }

        await Task.WhenAll(commits).WaitAsync(Patience);
    }

    [Theory]
    [InlineData(StoreFailure.Rejected, StepStatus.Rejected, true)]
    [InlineData(StoreFailure.UniqueViolation, StepStatus.Conflict, false)]
    public async Task Halving_FindsTheGuiltyStep_AndItsNeighboursCommit(StoreFailure failure, StepStatus status, bool defect)
    {
        var names = new[] { "a", "b", "guilty", "d", "e" };
        var commits = names.Select(name => Commit(Put(name))).ToArray();
        Run();
        for (var left = names.Length; left > 0;)
        {
            var batch = await NextAsync();
            if (!batch.Names.Contains("guilty"))
            {
                left -= batch.Names.Count();
                batch.Commit();
            }
            else
            {
                if (batch.Names.Count() == 1) left--;
                batch.Fail(failure);
            }
        }

        var outcomes = await Task.WhenAll(commits).WaitAsync(Patience);
        outcomes.Select(outcome => outcome.Status).ShouldBe(
            [StepStatus.Committed, StepStatus.Committed, status, StepStatus.Committed, StepStatus.Committed]);
        _observer.Notes.Any(note => note.StartsWith("defect", StringComparison.Ordinal)).ShouldBe(defect);
    }

    [Fact]
    public async Task ALostConnection_LeavesEveryOutcomeUnknown_AndRepeatsNothing()
    {
        var commits = new[] { Commit(Put("a")), Commit(Put("b")) };
        Run();
        (await NextAsync()).Fail(StoreFailure.OutcomeUnknown);
        (await Task.WhenAll(commits).WaitAsync(Patience)).ShouldAllBe(outcome => outcome.Status == StepStatus.Unknown);
        _store.HasNone.ShouldBeTrue();
    }

    [Fact]
    public async Task AStoreThatIsAway_IsTriedAgain_LessAndLessOften_UntilItIsBack()
    {
        var commit = Commit(Put("a"));
        Run();
        foreach (var pause in new[] { 20, 40, 80, 160, 320, 640, 1280, 2000, 2000 })
        {
            (await NextAsync()).Fail(StoreFailure.Unavailable);
            await _time.TimerSetAsync().WaitAsync(Patience);
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            _store.HasNone.ShouldBeTrue($"before {pause} ms");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var batch = await NextAsync();
        batch.Names.ShouldBe(["a"]);
        batch.Commit();
        (await commit.WaitAsync(Patience)).ShouldBe(StepOutcome.Committed);
        _observer.Notes.ShouldBe([.. Enumerable.Repeat("unavailable", 9), "available", "executed 1"]);
    }

    [Fact]
    public async Task AFencedHost_WritesNothingMore()
    {
        var first = Commit(Put("a"));
        Run();
        (await NextAsync()).Fail(StoreFailure.Fenced);
        (await first.WaitAsync(Patience)).Status.ShouldBe(StepStatus.Fenced);
        (await Commit(Put("b")).WaitAsync(Patience)).Status.ShouldBe(StepStatus.Fenced);
        _store.HasNone.ShouldBeTrue();
        _observer.Notes.ShouldBe(["fenced"]);
    }

    [Fact]
    public async Task AStoppingWriter_LeavesWhatWaitsUnknown()
    {
        var (written, waiting) = (Commit(Put("a", 1)), Commit(Put("a", 2)));
        Run();
        await NextAsync();
        _stopping.Cancel();
        (await written.WaitAsync(Patience)).Status.ShouldBe(StepStatus.Unknown);
        (await waiting.WaitAsync(Patience)).Status.ShouldBe(StepStatus.Unknown);
        await Should.ThrowAsync<OperationCanceledException>(_writer.WaitAsync(Patience));
    }

    [Fact]
    public async Task ACallerThatGivesUp_DoesNotTakeItsStepBack()
    {
        using var impatient = new CancellationTokenSource();
        var commit = Commit(Put("a"), impatient.Token);
        impatient.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(commit.WaitAsync(Patience));
        Run();
        var batch = await NextAsync();
        batch.Names.ShouldBe(["a"]);
        batch.Commit();
    }

    [Fact]
    public async Task AFullQueue_HoldsBackThoseWhoCommit()
    {
        _options = new GroupCommitOptions { MaxQueued = 2, Window = TimeSpan.Zero };
        var commits = new[] { Commit(Put("a")), Commit(Put("b")), Commit(Put("c")) };
        Run();
        var first = await NextAsync();
        first.Names.ShouldBe(["a", "b"]);
        commits[2].IsCompleted.ShouldBeFalse();
        first.Commit();
        var second = await NextAsync();
        second.Names.ShouldBe(["c"]);
        second.Commit();
        await Task.WhenAll(commits).WaitAsync(Patience);
    }

    private Task<StepOutcome> Commit(Step step, CancellationToken cancellation = default) => Committer.CommitAsync(step, cancellation);

    private GroupCommitter Committer => _committer ??= new GroupCommitter(_store, _time, _observer, _options);

    private void Run() => _writer = Committer.RunAsync(_stopping.Token);

    private Task<ScriptedExecutor.Batch> NextAsync() => _store.NextAsync().WaitAsync(Patience);
}
