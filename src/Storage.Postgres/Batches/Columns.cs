using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using static OrleansFlow.Storage.Postgres.Batches.Column;

namespace OrleansFlow.Storage.Postgres.Batches;

/// <summary>The columns of each kind of row, in the order of the parameters in <c>write.sql</c> and <c>lock.sql</c>.</summary>
internal static class Columns
{
    public static readonly Column<string>[] Key = [Text<string>(key => key)];

    public static readonly Column<TaskKey>[] Task =
        [Text<TaskKey>(key => key.Run.Value), Text<TaskKey>(key => key.Task.Value), Int<TaskKey>(key => key.MapIndex)];

    public static readonly Column<AcknowledgeTask>[] AcknowledgeTask =
        [.. Of<AcknowledgeTask>(ack => ack.Task), Int<AcknowledgeTask>(ack => ack.Epoch)];

    public static readonly Column<AcknowledgeRun>[] AcknowledgeRun =
        [Text<AcknowledgeRun>(ack => ack.Run.Value), Long<AcknowledgeRun>(ack => ack.Version)];

    public static readonly Column<DagHead>[] Dag =
    [
        Text<DagHead>(row => row.Id.Value), Long<DagHead>(row => row.Version), Text<DagHead>(row => row.CurrentHash),
        Text<DagHead>(row => row.SourceFile), Flag<DagHead>(row => row.Paused), Instant<DagHead>(row => row.ActivatedAt),
        Instant<DagHead>(row => row.LastLogicalDate), Instant<DagHead>(row => row.WakeAt),
    ];

    public static readonly Column<DagVersion>[] Version =
    [
        Text<DagVersion>(row => row.Hash), Text<DagVersion>(row => row.Dag.Value), Text<DagVersion>(row => row.Spec),
        Instant<DagVersion>(row => row.CreatedAt),
    ];

    public static readonly Column<Pool>[] Pool =
        [Text<Pool>(row => row.Name), Int<Pool>(row => row.Slots), Text<Pool>(row => row.Description), Long<Pool>(row => row.Version)];

    public static readonly Column<DagRun>[] Run =
    [
        Text<DagRun>(row => row.Id.Value), Text<DagRun>(row => row.Dag.Value), Text<DagRun>(row => row.VersionHash),
        Long<DagRun>(row => row.Version), Name<DagRun, RunKind>(row => row.Kind), Name<DagRun, RunState>(row => row.State),
        Text<DagRun>(row => row.Detail), Instant<DagRun>(row => row.LogicalDate), Instant<DagRun>(row => row.DataIntervalStart),
        Instant<DagRun>(row => row.DataIntervalEnd), Text<DagRun>(row => row.Params), Text<DagRun>(row => row.SourceFile),
        Instant<DagRun>(row => row.CreatedAt), Instant<DagRun>(row => row.StartedAt), Instant<DagRun>(row => row.EndedAt),
        Instant<DagRun>(row => row.WakeAt), Flag<DagRun>(row => row.CancelRequested), Flag<DagRun>(row => row.TimedOut),
        Int<DagRun>(row => row.TasksCreated), Flag<DagRun>(row => row.Unreported),
    ];

    public static readonly Column<TaskInstance>[] TaskRow =
    [
        .. Of<TaskInstance>(row => row.Key), Long<TaskInstance>(row => row.Version), Name<TaskInstance, TaskState>(row => row.State),
        Name<TaskInstance, TaskReason>(row => row.Reason), Text<TaskInstance>(row => row.Detail), Int<TaskInstance>(row => row.Epoch),
        Int<TaskInstance>(row => row.Fence), Int<TaskInstance>(row => row.RetriesUsed), Int<TaskInstance>(row => row.InfraRetriesUsed),
        Int<TaskInstance>(row => row.LaunchRetriesUsed), Int<TaskInstance>(row => row.UnknownRetriesUsed),
        Instant<TaskInstance>(row => row.WakeAt), Instant<TaskInstance>(row => row.ScheduledAt),
        Instant<TaskInstance>(row => row.StartedAt), Instant<TaskInstance>(row => row.EndedAt), Flag<TaskInstance>(row => row.Unreported),
        Text<TaskInstance>(row => row.Pool), Int<TaskInstance>(row => row.PoolSlots), Long<TaskInstance>(row => row.Priority),
        Text<TaskInstance>(row => row.MapItem),
    ];

    public static readonly Column<Attempt>[] Attempt =
    [
        .. Of<Attempt>(row => row.Key.Task), Int<Attempt>(row => row.Key.Epoch), Uuid<Attempt>(row => row.Uid),
        Name<Attempt, AttemptState>(row => row.State), Name<Attempt, AttemptCause>(row => row.Cause), Int<Attempt>(row => row.ExitCode),
        Name<Attempt, StopReason>(row => row.Stop), Instant<Attempt>(row => row.CreatedAt), Instant<Attempt>(row => row.StartedAt),
        Instant<Attempt>(row => row.EndedAt), Text<Attempt>(row => row.Backend), Text<Attempt>(row => row.Node),
        Long<Attempt>(row => row.Checkpoint), Text<Attempt>(row => row.Evidence),
    ];

    public static readonly Column<Xcom>[] Xcom =
        [.. Of<Xcom>(row => row.Task), Text<Xcom>(row => row.Key), Int<Xcom>(row => row.Epoch), Text<Xcom>(row => row.Value)];

    public static readonly Column<Artifact>[] Artifact =
    [
        .. Of<Artifact>(row => row.Task), Text<Artifact>(row => row.Name), Int<Artifact>(row => row.Epoch), Long<Artifact>(row => row.Size),
        Text<Artifact>(row => row.Sha256), Text<Artifact>(row => row.Uri),
    ];

    public static readonly Column<Checkpoint>[] Checkpoint =
    [
        .. Of<Checkpoint>(row => row.Task), Int<Checkpoint>(row => row.Epoch), Long<Checkpoint>(row => row.Number),
        Text<Checkpoint>(row => row.Uri),
    ];

    public static readonly Column<KeyValuePair<string, int>>[] Limit =
        [Text<KeyValuePair<string, int>>(limit => limit.Key), Int<KeyValuePair<string, int>>(limit => limit.Value)];

    public static readonly Column<RequestRecord>[] Request =
    [
        Text<RequestRecord>(row => row.Id), Text<RequestRecord>(row => row.Command), Text<RequestRecord>(row => row.Reply),
        Instant<RequestRecord>(row => row.At),
    ];

    public static readonly Column<OutboxItem>[] Outbox =
    [
        Uuid<OutboxItem>(row => row.Id), Text<OutboxItem>(row => row.Kind), Text<OutboxItem>(row => row.Payload),
        Text<OutboxItem>(row => row.Run.Value), Instant<OutboxItem>(row => row.DueAt), Int<OutboxItem>(row => row.Failures),
        Text<OutboxItem>(row => row.LastError),
    ];

    public static readonly Column<HistoryEvent>[] History =
    [
        Instant<HistoryEvent>(row => row.At), Text<HistoryEvent>(row => row.Dag?.Value), Text<HistoryEvent>(row => row.Run?.Value),
        Text<HistoryEvent>(row => row.Task?.Value), Int<HistoryEvent>(row => row.MapIndex), Int<HistoryEvent>(row => row.Epoch),
        Text<HistoryEvent>(row => row.Kind), Text<HistoryEvent>(row => row.Reason), Text<HistoryEvent>(row => row.Detail),
        Text<HistoryEvent>(row => row.Actor), Text<HistoryEvent>(row => row.Pool), Text<HistoryEvent>(row => row.Address),
        Text<HistoryEvent>(row => row.RequestId),
    ];

    private static Column<T>[] Of<T>(Func<T, TaskKey> key) =>
        [Text<T>(row => key(row).Run.Value), Text<T>(row => key(row).Task.Value), Int<T>(row => key(row).MapIndex)];
}
