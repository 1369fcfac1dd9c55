using System.Threading.Channels;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Scheduling.Watching;

public sealed class ChangeRelayTests : IAsyncDisposable
{
    private static readonly RunId A = new("run-a");
    private static readonly RunId B = new("run-b");
    private readonly FakeTime _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RowChanges _changes = new();
    private readonly Wire _wire = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task WhatChanges_IsToldAtOnce_ThenTogether_EachRunOnce()
    {
        Begin();
        Commit(A);
        (await _wire.ToldAsync()).Runs.ShouldBe([A]);
        await _time.TimerSetAsync();
        Commit(B);
        Commit(A);
        Commit(B);

        _time.Advance(ChangeRelay.Pace);

        (await _wire.ToldAsync()).Runs.ShouldBe([A, B]);
    }

    [Fact]
    public async Task WhatCannotBeTold_IsToldLater_WithWhatChangedMeanwhile()
    {
        _wire.Away = true;
        Begin();
        Commit(A);
        await _time.TimerSetAsync();
        Commit(B);
        _wire.Away = false;

        _time.Advance(TimeSpan.FromSeconds(5));

        (await _wire.ToldAsync()).Runs.ShouldBe([A, B]);
    }

    [Fact]
    public async Task WatchersOfARun_HearOfOtherHosts_AndThatIsNotToldOn()
    {
        var (a, b) = (new Ear(), new Ear());
        using var ofA = _changes.Listen(A, a);
        using var ofB = _changes.Listen(B, b);
        Begin();

        (await _wire.ListeningAsync())(ChangedRuns.Of([A]));
        a.Heard.ShouldBe(1);
        b.Heard.ShouldBe(0);
        Commit(B);

        (await _wire.ToldAsync()).Runs.ShouldBe([B]);
    }

    [Fact]
    public async Task ALostConnection_IsMadeAgain_AndWakesAllWatchers()
    {
        var (a, b) = (new Ear(), new Ear());
        using var ofA = _changes.Listen(A, a);
        using var ofB = _changes.Listen(B, b);
        Begin();
        await _wire.ListeningAsync();
        _wire.Break();
        await _time.TimerSetAsync();

        _time.Advance(TimeSpan.FromSeconds(5));
        (await _wire.ListeningAsync())(ChangedRuns.All);

        (a.Heard, b.Heard).ShouldBe((1, 1));
    }

    [Fact]
    public void ABacklogBeyondItsLimit_KnowsOnlyThatAnyRunMayHaveChanged()
    {
        var backlog = new ChangedRunsBacklog();
        for (var i = 0; i < ChangedRunsBacklog.Most; i++) backlog.Add(new RunId($"run-{i}"));
        backlog.Add(new RunId("run-0"));
        backlog.News.IsCompleted.ShouldBeTrue();
        backlog.Take().Runs.Count.ShouldBe(ChangedRunsBacklog.Most);
        backlog.News.IsCompleted.ShouldBeFalse("it has been taken");

        for (var i = 0; i <= ChangedRunsBacklog.Most; i++) backlog.Add(new RunId($"run-{i}"));
        backlog.Add(A);

        backlog.Take().ShouldBe(ChangedRuns.All);
        backlog.PutBack(ChangedRuns.All);
        backlog.Take().AreAll.ShouldBeTrue("what could not be told stays what it was");
        backlog.Take().ShouldSatisfyAllConditions(none => none.AreAll.ShouldBeFalse(), none => none.Runs.ShouldBeEmpty());
    }

    [Fact]
    public async Task WhatIsNoRun_IsNotTold()
    {
        Begin();
        _changes.Tell(new Step { Anchor = RowKey.OfPool("gpu"), Writes = [new SetLimit("pool/gpu", 2)] });
        _changes.Tell(new Step { Anchor = RowKey.Of(A), Writes = [new AddHistory(new HistoryEvent { At = default, Run = B, Kind = "queued" })] });

        (await _wire.ToldAsync()).Runs.ShouldBe([B]);
    }

    private void Begin() => _running = new ChangeRelay(_changes, _wire, new NoDefects(), _time).RunAsync(_stop.Token);

    private void Commit(RunId run)
    {
        var task = new TaskInstance { Key = new TaskKey(run, new TaskId("train")), Version = 1 };
        _changes.Tell(new Step { Anchor = RowKey.Of(task.Key), Writes = [new PutTask(task, 0)] });
    }

    /// <summary>The way to the other hosts, as the test has it.</summary>
    private sealed class Wire : IRunNotices
    {
        private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
        private readonly Channel<ChangedRuns> _told = Channel.CreateUnbounded<ChangedRuns>();
        private readonly Channel<Action<ChangedRuns>> _listening = Channel.CreateUnbounded<Action<ChangedRuns>>();
        private volatile TaskCompletionSource _broken = new();

        public volatile bool Away;

        public Task<ChangedRuns> ToldAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(Ceiling, TimeProvider.System);

        public Task<Action<ChangedRuns>> ListeningAsync() => _listening.Reader.ReadAsync().AsTask().WaitAsync(Ceiling, TimeProvider.System);

        public void Break()
        {
            var broken = _broken;
            _broken = new TaskCompletionSource();
            broken.SetException(new StoreException(StoreFailure.Unavailable, "the connection is lost"));
        }

        public Task TellAsync(ChangedRuns news, CancellationToken cancellation)
        {
            if (Away) throw new StoreException(StoreFailure.Unavailable, "away");
            _told.Writer.TryWrite(news);
            return Task.CompletedTask;
        }

        public Task ListenAsync(Action<ChangedRuns> heard, CancellationToken cancellation)
        {
            var broken = _broken.Task;
            _listening.Writer.TryWrite(heard);
            return broken.WaitAsync(cancellation);
        }
    }

    private sealed class Ear : IRunListener
    {
        public int Heard { get; private set; }

        public void RowChanged(RowKey row)
        {
        }

        public void HistoryGrew()
        {
        }

        public void OtherHostChanged() => Heard++;
    }
}
