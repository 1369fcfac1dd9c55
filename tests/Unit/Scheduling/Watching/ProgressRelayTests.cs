using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Scheduling.Watching;

public sealed class ProgressRelayTests : IAsyncDisposable
{
    private static readonly TaskKey Train = new(new RunId("run-a"), new TaskId("train"));
    private static readonly TaskKey Test = new(new RunId("run-a"), new TaskId("test"));
    private readonly FakeTime _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RowChanges _changes = new();
    private readonly Table _table = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ProgressRelay _relay;
    private Task _running = Task.CompletedTask;

    public ProgressRelayTests() => _relay = new ProgressRelay(_table, _changes, new NoDefects(), _time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task WhatATaskSays_IsWrittenAtOnce_ThenTogether_TheLastOfEach()
    {
        Begin();
        Say(Train, 1, "one");
        (await _table.WrittenAsync()).ShouldBe(["train#1 one"]);
        await _time.TimerSetAsync();
        Say(Train, 1, "two");
        Say(Test, 1, "begun");
        Say(Train, 1, "three");

        _time.Advance(ProgressRelay.Pace);

        (await _table.WrittenAsync()).ShouldBe(["test#1 begun", "train#1 three"]);
    }

    [Fact]
    public async Task WhatDeadHostsLeft_IsTakenOutFirst()
    {
        Say(Train, 1, "one");
        Begin();

        await _table.WrittenAsync();

        _table.Pruned.ShouldBeTrue();
    }

    [Fact]
    public async Task AnAttemptThatEnds_IsForgotten_AndOneThatSaidNothing_CostsNothing()
    {
        Say(Train, 1, "one");
        Say(Train, 2, "anew");
        End(Train, 1);
        Say(Train, 1, "late");
        End(Test, 1);
        Begin();
        (await _table.WrittenAsync()).ShouldBe(["train#2 anew"]);
        await _time.TimerSetAsync();
        Say(Train, 2, "nearly");
        End(Train, 2);

        _time.Advance(ProgressRelay.Pace);

        (await _table.WrittenAsync()).ShouldBe(["train#2 over"]);
    }

    [Fact]
    public async Task WhatCannotBeWritten_IsWrittenLater_UnlessThereIsNewer()
    {
        _table.Away = true;
        Begin();
        Say(Train, 1, "one");
        Say(Test, 1, "begun");
        await _time.TimerSetAsync();
        End(Test, 1);
        _table.Away = false;

        _time.Advance(TimeSpan.FromSeconds(5));

        (await _table.WrittenAsync()).ShouldBe(["test#1 over", "train#1 one"]);
    }

    [Fact]
    public async Task ThoseWhoWatchTheRun_HearOfIt_WhenItIsWritten()
    {
        var ear = new Ear();
        using var listening = _changes.Listen(Train.Run, ear);
        var others = new ChangedRunsBacklog();
        _changes.RelayTo(others);
        Say(Train, 1, "one");
        ear.Heard.Reader.TryPeek(out _).ShouldBeFalse();

        Begin();

        (await ear.Heard.Reader.ReadAsync().AsTask().WaitAsync(Table.Ceiling, TimeProvider.System)).ShouldBe(RowKey.Of(Train));
        _table.Writes.ShouldBe(1);
        others.Take().Runs.ShouldBe([Train.Run]);
    }

    private void Begin() => _running = _relay.RunAsync(_stop.Token);

    private void Say(TaskKey task, int epoch, string message) =>
        _relay.Set(new AttemptKey(task, epoch), new TaskProgress(null, message, DateTimeOffset.UnixEpoch));

    private void End(TaskKey task, int epoch) => _relay.Set(new AttemptKey(task, epoch), null);

    /// <summary>Where it is written, as the test has it.</summary>
    private sealed class Table : IProgressRows
    {
        public static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
        private readonly Channel<string[]> _written = Channel.CreateUnbounded<string[]>();

        public volatile bool Away;

        public volatile bool Pruned;

        public volatile int Writes;

        public Task<string[]> WrittenAsync() => _written.Reader.ReadAsync().AsTask().WaitAsync(Ceiling, TimeProvider.System);

        public Task WriteAsync(IReadOnlyList<AttemptProgress> news, CancellationToken cancellation)
        {
            if (Away) throw new StoreException(StoreFailure.Unavailable, "away");
            Interlocked.Increment(ref Writes);
            _written.Writer.TryWrite([.. news.Select(said => $"{said.Attempt.Task.Task}#{said.Attempt.Epoch} {said.Progress?.Message ?? "over"}")]);
            return Task.CompletedTask;
        }

        public Task PruneAsync(CancellationToken cancellation)
        {
            Pruned = true;
            return Task.CompletedTask;
        }
    }

    private sealed class Ear : IRunListener
    {
        public Channel<RowKey> Heard { get; } = Channel.CreateUnbounded<RowKey>();

        public void RowChanged(RowKey row) => Heard.Writer.TryWrite(row);

        public void HistoryGrew()
        {
        }

        public void OtherHostChanged()
        {
        }
    }
}
