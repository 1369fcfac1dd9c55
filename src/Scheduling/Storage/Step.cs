using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Storage;

/// <summary>What a coordinator wants committed: all of it, or nothing.</summary>
public sealed record Step
{
    /// <summary>The row of the coordinator whose step this is; for messages and measurements.</summary>
    public required RowKey Anchor { get; init; }

    /// <summary>What is written, at most one <see cref="PutRow"/> for a row.</summary>
    public required IReadOnlyList<RowWrite> Writes { get; init; }

    /// <summary>Limits taken and given back with it; several of one key are summed.</summary>
    public IReadOnlyList<LimitDelta> Limits { get; init; } = [];
}

/// <summary>The kinds of rows that carry a version.</summary>
public enum RowKind
{
    /// <summary>A row of <c>dag</c>.</summary>
    Dag = 1,

    /// <summary>A row of <c>dag_run</c>.</summary>
    Run = 2,

    /// <summary>A row of <c>task_instance</c>.</summary>
    Task = 3,

    /// <summary>A row of <c>pool</c>.</summary>
    Pool = 4,
}

/// <summary>A versioned row. Its order is the order in which rows are locked.</summary>
/// <param name="Kind">The table.</param>
/// <param name="Id">The DAG's id, the run's id or the pool's name; for a task instance its run's id.</param>
/// <param name="Task">The task's id; empty unless it is a task instance.</param>
/// <param name="MapIndex">The element of a mapped task.</param>
public readonly record struct RowKey(RowKind Kind, string Id, string Task = "", int MapIndex = TaskKey.NotMapped) : IComparable<RowKey>
{
    /// <summary>The row of a DAG.</summary>
    public static RowKey Of(DagId dag) => new(RowKind.Dag, dag.Value);

    /// <summary>The row of a run.</summary>
    public static RowKey Of(RunId run) => new(RowKind.Run, run.Value);

    /// <summary>The row of a task instance.</summary>
    public static RowKey Of(TaskKey task) => new(RowKind.Task, task.Run.Value, task.Task.Value, task.MapIndex);

    /// <summary>The row of a pool.</summary>
    public static RowKey OfPool(string pool) => new(RowKind.Pool, pool);

    /// <summary>The task instance, when it is one.</summary>
    public TaskKey AsTask() => new(new RunId(Id), new TaskId(Task), MapIndex);

    /// <inheritdoc/>
    public int CompareTo(RowKey other)
    {
        if (Kind != other.Kind) return Kind.CompareTo(other.Kind);
        var byId = string.CompareOrdinal(Id, other.Id);
        if (byId != 0) return byId;
        var byTask = string.CompareOrdinal(Task, other.Task);
        return byTask != 0 ? byTask : MapIndex.CompareTo(other.MapIndex);
    }
}

/// <summary>One write of a step.</summary>
public abstract record RowWrite;

/// <summary>
/// Inserts or updates a versioned row. <see cref="Expected"/> is the version it must have (0: it must not exist); the row
/// written carries <c>Expected + 1</c>.
/// </summary>
/// <param name="Expected">The version that the row must have.</param>
public abstract record PutRow(long Expected) : RowWrite
{
    /// <summary>Which row.</summary>
    public abstract RowKey Key { get; }
}

/// <summary>Writes a DAG.</summary>
public sealed record PutDag(DagHead Row, long Expected) : PutRow(Expected)
{
    /// <inheritdoc/>
    public override RowKey Key => RowKey.Of(Row.Id);
}

/// <summary>Writes a run. An insert of a second scheduled or backfill run of one logical date is a conflict.</summary>
public sealed record PutRun(DagRun Row, long Expected) : PutRow(Expected)
{
    /// <inheritdoc/>
    public override RowKey Key => RowKey.Of(Row.Id);
}

/// <summary>Writes a task instance.</summary>
public sealed record PutTask(TaskInstance Row, long Expected) : PutRow(Expected)
{
    /// <inheritdoc/>
    public override RowKey Key => RowKey.Of(Row.Key);
}

/// <summary>Writes a pool; the slots also set its limit.</summary>
public sealed record PutPool(Pool Row, long Expected) : PutRow(Expected)
{
    /// <inheritdoc/>
    public override RowKey Key => RowKey.OfPool(Row.Name);
}

/// <summary>Inserts or replaces an attempt; guarded by the task instance's row in the same step.</summary>
public sealed record PutAttempt(Attempt Row) : RowWrite;

/// <summary>Adds a version of a DAG unless that content is there already.</summary>
public sealed record AddVersion(DagVersion Row) : RowWrite;

/// <summary>The run has acted on what became of a task instance: clears <c>unreported</c> if the epoch is still that one. Bumps no version.</summary>
public sealed record AcknowledgeTask(TaskKey Task, int Epoch) : RowWrite;

/// <summary>The DAG has acted on the end of a run: clears <c>unreported</c> if the row still has that version. Bumps no version.</summary>
public sealed record AcknowledgeRun(RunId Run, long Version) : RowWrite;

/// <summary>Appends to the history.</summary>
public sealed record AddHistory(HistoryEvent Row) : RowWrite;

/// <summary>Forgets the xcoms, artifacts and checkpoint of a task instance; applied before the puts of the same step.</summary>
public sealed record DropPublished(TaskKey Task) : RowWrite;

/// <summary>Publishes an xcom.</summary>
public sealed record PutXcom(Xcom Row) : RowWrite;

/// <summary>Publishes an artifact.</summary>
public sealed record PutArtifact(Artifact Row) : RowWrite;

/// <summary>Inserts or replaces the checkpoint of a task instance.</summary>
public sealed record PutCheckpoint(Checkpoint Row) : RowWrite;

/// <summary>Creates a limit, or changes its slots and keeps what is used. Null slots remove it.</summary>
public sealed record SetLimit(string Key, int? Slots) : RowWrite;

/// <summary>Hands something to the outbox: done at least once, after the commit.</summary>
public sealed record AddOutbox(OutboxItem Row) : RowWrite;

/// <summary>Records the answer to a command by its request id; a second one of that id is a conflict.</summary>
public sealed record AddRequest(RequestRecord Row) : RowWrite;
