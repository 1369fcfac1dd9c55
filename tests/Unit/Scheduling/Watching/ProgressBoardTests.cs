using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Tests.Unit.Scheduling.Watching;

public sealed class ProgressBoardTests
{
    private static readonly TaskKey Train = new(new RunId("run-a"), new TaskId("train"));
    private readonly RowChanges _changes = new();
    private readonly ProgressBoard _board;

    public ProgressBoardTests() => _board = new ProgressBoard(_changes);

    [Fact]
    public void AnEntry_IsThatOfTheRunningAttempt_AndGoesWithIt()
    {
        _board.Set(new AttemptKey(Train, 2), Saying("half"));

        _board.Find(Row(2, TaskState.Running))!.Message.ShouldBe("half");
        _board.Find(Row(3, TaskState.Running)).ShouldBeNull("another attempt runs by now");
        _board.Find(Row(2, TaskState.Success)).ShouldBeNull();

        _board.Set(new AttemptKey(Train, 3), Saying("anew"));
        _board.Set(new AttemptKey(Train, 2), null);
        _board.Find(Row(3, TaskState.Running))!.Message.ShouldBe("anew");
        _board.Set(new AttemptKey(Train, 3), null);
        _board.Find(Row(3, TaskState.Running)).ShouldBeNull();
    }

    [Fact]
    public void ThoseWhoWatchTheRun_HearOfIt()
    {
        var ear = new Ear();
        using (_changes.Listen(Train.Run, ear)) _board.Set(new AttemptKey(Train, 1), Saying("half"));
        _board.Set(new AttemptKey(Train, 1), Saying("more"));

        ear.Heard.ShouldBe([RowKey.Of(Train)]);
    }

    private static TaskProgress Saying(string message) => new(null, message, DateTimeOffset.UnixEpoch);

    private static TaskInstance Row(int epoch, TaskState state) => new() { Key = Train, Epoch = epoch, State = state, Reason = TaskReason.Executing };

    private sealed class Ear : IRunListener
    {
        public List<RowKey> Heard { get; } = [];

        public void RowChanged(RowKey row) => Heard.Add(row);

        public void HistoryGrew()
        {
        }

        public void OtherHostChanged()
        {
        }
    }
}
