using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Api.Fakes;

/// <summary>Rows of one run.</summary>
internal static class Sample
{
    public static readonly DagId Dag = new("etl");
    public static readonly RunId Run = new("manual-1");
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TaskKey Task(string id, int index = TaskKey.NotMapped) => new(Run, new TaskId(id), index);

    /// <summary>The run, with its tasks at work, each in its first attempt.</summary>
    public static RowWrite[] Running(params TaskKey[] tasks) =>
    [
        new PutDag(new DagHead { Id = Dag, CurrentHash = "aa" }, 0),
        new AddVersion(new DagVersion { Hash = "aa", Dag = Dag, Spec = "{}", CreatedAt = At }),
        new PutRun(RunRow(RunState.Running, 1), 0),
        .. tasks.SelectMany((task, i) => new RowWrite[]
        {
            new PutTask(new TaskInstance { Key = task, State = TaskState.Running, Epoch = 1, StartedAt = At.AddSeconds(i) }, 0),
            new PutAttempt(AttemptRow(task, AttemptState.Running)),
        }),
    ];

    /// <summary>A task ends well.</summary>
    public static RowWrite[] Ended(TaskKey task) =>
    [
        new PutTask(new TaskInstance { Key = task, State = TaskState.Success, Epoch = 1, StartedAt = At, EndedAt = At, Version = 2 }, 1),
        new PutAttempt(AttemptRow(task, AttemptState.Succeeded)),
    ];

    /// <summary>The run ends well.</summary>
    public static RowWrite End() => new PutRun(RunRow(RunState.Success, 2), 1);

    /// <summary>Lines of history.</summary>
    public static RowWrite[] Events(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new AddHistory(new HistoryEvent { At = At, Dag = Dag, Run = Run, Kind = $"event-{i}" }))];

    private static DagRun RunRow(RunState state, long version) => new()
    {
        Id = Run, Dag = Dag, VersionHash = "aa", Kind = RunKind.Manual, State = state, LogicalDate = At, DataIntervalStart = At,
        DataIntervalEnd = At, Params = "{}", CreatedAt = At, Version = version, EndedAt = state.IsFinished() ? At : null,
    };

    private static Attempt AttemptRow(TaskKey task, AttemptState state) => new()
    {
        Key = new AttemptKey(task, 1), Uid = new Guid(task.Label.Sum(c => c) * 100_000 + task.MapIndex + 1, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]), State = state, CreatedAt = At,
        EndedAt = state.IsFinished() ? At : null,
    };
}
