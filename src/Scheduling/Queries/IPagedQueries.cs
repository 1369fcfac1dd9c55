using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Queries;

/// <summary>
/// The read models a page at a time. A page goes on behind a key, so what is made or removed meanwhile shifts nothing. Reads committed rows
/// only, and each answer from one moment. Thread-safe.
/// </summary>
public interface IPagedQueries
{
    /// <summary>DAGs by id.</summary>
    Task<IReadOnlyList<DagSummary>> PageDagsAsync(DagFilter filter, CancellationToken cancellation);

    /// <summary>The row of a DAG alone, which costs the same however many runs it has; null when it is unknown.</summary>
    Task<DagHead?> FindDagRowAsync(DagId dag, CancellationToken cancellation);

    /// <summary>A version by its content hash; null when it is unknown.</summary>
    Task<DagVersion?> FindVersionAsync(string hash, CancellationToken cancellation);

    /// <summary>The versions of a DAG, newest first.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="after">The last one of the page before; null: from the newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<VersionHead>> PageVersionsAsync(DagId dag, VersionHead? after, int limit, CancellationToken cancellation);

    /// <summary>A run without its tasks; null when it is unknown.</summary>
    Task<RunSummary?> FindRunAsync(RunId run, CancellationToken cancellation);

    /// <summary>The row of a run alone; null when it is unknown.</summary>
    Task<DagRun?> FindRunRowAsync(RunId run, CancellationToken cancellation);

    /// <summary>Task instances by task and element.</summary>
    Task<IReadOnlyList<TaskDetail>> PageTasksAsync(TaskFilter filter, CancellationToken cancellation);

    /// <summary>Some task instances of one run, in key order; those that are unknown are left out.</summary>
    Task<IReadOnlyList<TaskDetail>> FindTasksAsync(RunId run, IReadOnlyList<TaskKey> tasks, CancellationToken cancellation);

    /// <summary>The versions of a run's row and of those of its task instances, as of one moment; null when it is unknown.</summary>
    Task<RunVersions?> ReadVersionsAsync(RunId run, CancellationToken cancellation);

    /// <summary>What task instances published, by task, element and path.</summary>
    Task<IReadOnlyList<Artifact>> PageArtifactsAsync(ValueFilter filter, CancellationToken cancellation);

    /// <summary>What task instances left for others, by task, element and key.</summary>
    Task<IReadOnlyList<Xcom>> PageXcomsAsync(ValueFilter filter, CancellationToken cancellation);

    /// <summary>The recorded answer to a command; null when there is none of that id.</summary>
    /// <param name="id">The caller's request id.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<RequestRecord?> FindRequestAsync(string id, CancellationToken cancellation);

    /// <summary>The history of a run, or of one task of it, oldest first, with how far it is settled.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">Only of this task; null: of all, and of the run itself.</param>
    /// <param name="after">Only what has a greater number.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<HistoryPage> ReadHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation);
}

/// <summary>Which DAGs to list.</summary>
public sealed record DagFilter
{
    /// <summary>Only this one.</summary>
    public DagId? Dag { get; init; }

    /// <summary>Only those that are paused, or that are not.</summary>
    public bool? Paused { get; init; }

    /// <summary>Only those whose current version has this owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Only those whose current version has all of these tags; empty: any.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The last one of the page before.</summary>
    public DagId? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A version without its specification.</summary>
/// <param name="Hash">Its content hash.</param>
/// <param name="CreatedAt">When it was first seen.</param>
public sealed record VersionHead(string Hash, DateTimeOffset CreatedAt);

/// <summary>The place of a run among all of them, newest first.</summary>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LogicalDate">Its logical date.</param>
/// <param name="Run">The run.</param>
public sealed record RunPosition(DateTimeOffset CreatedAt, DateTimeOffset LogicalDate, RunId Run)
{
    /// <summary>The place of a run.</summary>
    public static RunPosition Of(DagRun run) => new(run.CreatedAt, run.LogicalDate, run.Id);
}

/// <summary>Which task instances to list.</summary>
public sealed record TaskFilter
{
    /// <summary>Whose.</summary>
    public required RunId Run { get; init; }

    /// <summary>Only instances of this task.</summary>
    public TaskId? Task { get; init; }

    /// <summary>Only this element, or <see cref="TaskKey.NotMapped"/>; null: all.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Only instances in one of these states; empty: any.</summary>
    public IReadOnlyList<TaskState> States { get; init; } = [];

    /// <summary>The last one of the page before.</summary>
    public TaskKey? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Which of the things that task instances left behind to list.</summary>
public sealed record ValueFilter
{
    /// <summary>Whose.</summary>
    public required RunId Run { get; init; }

    /// <summary>Only of this task.</summary>
    public TaskId? Task { get; init; }

    /// <summary>Only of this element, or <see cref="TaskKey.NotMapped"/>; null: all.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Only the one of this name.</summary>
    public string? Name { get; init; }

    /// <summary>The last one of the page before: whose, and its name.</summary>
    public (TaskKey Task, string Name)? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A task instance with its attempts and what it published.</summary>
/// <param name="Task">The row.</param>
/// <param name="Attempts">Its attempts, oldest first.</param>
/// <param name="Artifacts">What it published, by name.</param>
public sealed record TaskDetail(TaskInstance Task, IReadOnlyList<Attempt> Attempts, IReadOnlyList<Artifact> Artifacts)
{
    /// <summary>How far it says it is; null when it has not said.</summary>
    public TaskProgress? Progress { get; init; }
}

/// <summary>The versions of all rows of a run.</summary>
/// <param name="Run">That of the run's own row.</param>
/// <param name="Tasks">Those of its task instances, in key order.</param>
public sealed record RunVersions(long Run, IReadOnlyList<TaskVersion> Tasks);

/// <summary>The version of a task instance.</summary>
/// <param name="Task">Which.</param>
/// <param name="Version">That of its row.</param>
/// <param name="SaidAt">When it said how far it is, which no row's version counts; null: it has not said.</param>
public readonly record struct TaskVersion(TaskKey Task, long Version, DateTimeOffset? SaidAt);

/// <summary>A part of the history.</summary>
/// <param name="Entries">The events.</param>
/// <param name="SettledTo">
/// Events with numbers up to this one are all there: none that is still being committed has a smaller number. Events beyond it may be overtaken.
/// </param>
public sealed record HistoryPage(IReadOnlyList<HistoryEntry> Entries, long SettledTo);
