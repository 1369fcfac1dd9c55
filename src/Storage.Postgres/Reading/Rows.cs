using Npgsql;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Storage.Postgres.Reading;

/// <summary>Reads each kind of row from the columns that <c>columns.sql</c> names.</summary>
internal static class Rows
{
    public static DagHead Dag(NpgsqlDataReader r) => new()
    {
        Id = new DagId(r.GetString(0)),
        Version = r.GetInt64(1),
        CurrentHash = r.Text(2),
        SourceFile = r.Text(3),
        Paused = r.GetBoolean(4),
        ActivatedAt = r.InstantOrNull(5),
        LastLogicalDate = r.InstantOrNull(6),
        WakeAt = r.InstantOrNull(7),
    };

    public static DagVersion Version(NpgsqlDataReader r) => new()
    {
        Hash = r.GetString(0),
        Dag = new DagId(r.GetString(1)),
        Spec = r.GetString(2),
        CreatedAt = r.Instant(3),
    };

    public static DagRun Run(NpgsqlDataReader r) => new()
    {
        Id = new RunId(r.GetString(0)),
        Dag = new DagId(r.GetString(1)),
        VersionHash = r.GetString(2),
        Version = r.GetInt64(3),
        Kind = r.Name<RunKind>(4),
        State = r.Name<RunState>(5),
        Detail = r.Text(6),
        LogicalDate = r.Instant(7),
        DataIntervalStart = r.Instant(8),
        DataIntervalEnd = r.Instant(9),
        Params = r.GetString(10),
        SourceFile = r.Text(11),
        CreatedAt = r.Instant(12),
        StartedAt = r.InstantOrNull(13),
        EndedAt = r.InstantOrNull(14),
        WakeAt = r.InstantOrNull(15),
        CancelRequested = r.GetBoolean(16),
        TimedOut = r.GetBoolean(17),
        TasksCreated = r.GetInt32(18),
        Unreported = r.GetBoolean(19),
    };

    public static TaskInstance Task(NpgsqlDataReader r) => new()
    {
        Key = TaskKey(r),
        Version = r.GetInt64(3),
        State = r.Name<TaskState>(4),
        Reason = r.Name<TaskReason>(5),
        Detail = r.Text(6),
        Epoch = r.GetInt32(7),
        Fence = r.GetInt32(8),
        RetriesUsed = r.GetInt32(9),
        InfraRetriesUsed = r.GetInt32(10),
        LaunchRetriesUsed = r.GetInt32(11),
        UnknownRetriesUsed = r.GetInt32(12),
        WakeAt = r.InstantOrNull(13),
        ScheduledAt = r.InstantOrNull(14),
        StartedAt = r.InstantOrNull(15),
        EndedAt = r.InstantOrNull(16),
        Unreported = r.GetBoolean(17),
        Pool = r.GetString(18),
        PoolSlots = r.GetInt32(19),
        Priority = r.GetInt64(20),
        MapItem = r.Text(21),
    };

    public static Attempt Attempt(NpgsqlDataReader r) => new()
    {
        Key = new AttemptKey(TaskKey(r), r.GetInt32(3)),
        Uid = r.GetGuid(4),
        State = r.Name<AttemptState>(5),
        Cause = r.Text(6) is { } cause ? Names.Parse<AttemptCause>(cause) : null,
        ExitCode = r.IsDBNull(7) ? null : r.GetInt32(7),
        Stop = r.Text(8) is { } stop ? Names.Parse<StopReason>(stop) : null,
        CreatedAt = r.Instant(9),
        StartedAt = r.InstantOrNull(10),
        EndedAt = r.InstantOrNull(11),
        Backend = r.Text(12),
        Node = r.Text(13),
        Checkpoint = r.IsDBNull(14) ? null : r.GetInt64(14),
        Evidence = r.Text(15),
    };

    public static Pool Pool(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt32(1), r.Text(2), r.GetInt64(3));

    public static Xcom Xcom(NpgsqlDataReader r) => new(TaskKey(r), r.GetString(3), r.GetInt32(4), r.Text(5),
        r.Text(8) is { } uri ? new StoredValue(r.GetInt64(6), r.GetString(7), uri) : null);

    public static Artifact Artifact(NpgsqlDataReader r) =>
        new(TaskKey(r), r.GetString(3), r.GetInt32(4), r.GetInt64(5), r.GetString(6), r.GetString(7));

    public static Checkpoint Checkpoint(NpgsqlDataReader r) => new(TaskKey(r), r.GetInt32(3), r.GetInt64(4), r.GetString(5));

    public static AttemptProgress Progress(NpgsqlDataReader r) => new(
        new AttemptKey(TaskKey(r), r.GetInt32(3)), new TaskProgress(r.IsDBNull(4) ? null : r.GetDouble(4), r.GetString(5), r.Instant(6)));

    public static RequestRecord Request(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.Instant(3));

    public static LimitCounter Limit(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt32(1), r.GetInt32(2));

    public static OutboxItem Outbox(NpgsqlDataReader r) => new()
    {
        Id = r.GetGuid(0),
        Kind = r.GetString(1),
        Payload = r.GetString(2),
        Run = new RunId(r.GetString(3)),
        DueAt = r.Instant(4),
        Failures = r.GetInt32(5),
        LastError = r.Text(6),
    };

    public static HistoryEntry History(NpgsqlDataReader r) => new(r.GetInt64(0), new HistoryEvent
    {
        At = r.Instant(1),
        Dag = r.Text(2) is { } dag ? new DagId(dag) : null,
        Run = r.Text(3) is { } run ? new RunId(run) : null,
        Task = r.Text(4) is { } task ? new TaskId(task) : null,
        MapIndex = r.GetInt32(5),
        Epoch = r.GetInt32(6),
        Kind = r.GetString(7),
        Reason = r.Text(8),
        Detail = r.Text(9),
        Actor = r.Text(10),
        Pool = r.Text(11),
        Address = r.Text(12),
        RequestId = r.Text(13),
    });

    public static TaskKey TaskKey(NpgsqlDataReader r) => new(new RunId(r.GetString(0)), new TaskId(r.GetString(1)), r.GetInt32(2));

    public static T Name<T>(this NpgsqlDataReader r, int column) where T : struct, Enum => Names.Parse<T>(r.GetString(column));

    public static DateTimeOffset Instant(this NpgsqlDataReader r, int column) => r.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.Instant(column);

    public static string? Text(this NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}
