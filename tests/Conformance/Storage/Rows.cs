using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>Sample rows. Instants are given as seconds after a fixed moment.</summary>
internal static class Rows
{
    public const string Hash = "aa11";
    public static readonly DagId Dag = new("etl");
    public static readonly RunId Run = new("manual-1");
    public static readonly TaskKey Extract = new(Run, new TaskId("extract"));
    public static readonly TaskKey Load = new(Run, new TaskId("load"));

    public static DateTimeOffset At(double seconds) => new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero).AddSeconds(seconds);

    public static Step Step(params RowWrite[] writes) =>
        new() { Anchor = writes.OfType<PutRow>().Select(put => put.Key).FirstOrDefault(RowKey.Of(Dag)), Writes = writes };

    public static DagHead DagRow(DagId dag) => new() { Id = dag };

    public static DagVersion VersionRow(DagId dag, string hash) =>
        new() { Hash = hash, Dag = dag, Spec = """{"id": "x",  "tasks":[]}""", CreatedAt = At(0) };

    public static DagRun RunRow(RunId run, RunKind kind = RunKind.Manual, double logicalDate = 0) => new()
    {
        Id = run,
        Dag = Dag,
        VersionHash = Hash,
        Kind = kind,
        LogicalDate = At(logicalDate),
        DataIntervalStart = At(logicalDate),
        DataIntervalEnd = At(logicalDate),
        Params = """{"b":1,"a":"\u00e9"}""",
        CreatedAt = At(logicalDate + 1),
    };

    public static TaskInstance TaskRow(TaskKey key) => new() { Key = key };

    public static Attempt AttemptRow(TaskKey task, int epoch = 1, AttemptState state = AttemptState.Dispatching) => new()
    {
        Key = new AttemptKey(task, epoch),
        Uid = new Guid(epoch, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]),
        State = state,
        CreatedAt = At(epoch),
        EndedAt = state.IsFinished() ? At(epoch + 1) : null,
    };

    public static Artifact ArtifactRow(TaskKey task, string name, int epoch = 1) =>
        new(task, name, epoch, 12, new string('0', 64), $"file:///{name}");

    public static OutboxItem OutboxRow(int id, double dueAt) => new()
    {
        Id = new Guid(id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]),
        Kind = "webhook",
        Payload = """{"run": "x"}""",
        Run = Run,
        DueAt = At(dueAt),
    };

    public static HistoryEvent EventRow(string kind, TaskKey? task = null) => new()
    {
        At = At(0),
        Dag = Dag,
        Run = task?.Run ?? Run,
        Task = task?.Task,
        MapIndex = task?.MapIndex ?? TaskKey.NotMapped,
        Kind = kind,
    };

    public static TaskInstance Ended(this TaskInstance row, TaskState state = TaskState.Success, double at = 10) =>
        row with { State = state, Reason = TaskReason.Completed, EndedAt = At(at), Unreported = true };

    public static DagRun Ended(this DagRun row, RunState state = RunState.Success, double at = 10) =>
        row with { State = state, EndedAt = At(at), Unreported = true };

    /// <summary>The DAG <c>etl</c> with one version.</summary>
    public static RowWrite[] NewDag() =>
        [new PutDag(DagRow(Dag) with { CurrentHash = Hash }, 0), new AddVersion(VersionRow(Dag, Hash))];

    /// <summary>The DAG, the run <c>manual-1</c>, and its tasks <c>extract</c> and <c>load</c>.</summary>
    public static RowWrite[] NewRun() =>
        [.. NewDag(), new PutRun(RunRow(Run), 0), new PutTask(TaskRow(Extract), 0), new PutTask(TaskRow(Load), 0)];
}
