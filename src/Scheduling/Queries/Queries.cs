using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Queries;

/// <summary>The read models: what people ask. Reads committed rows only, and never a coordinator. Thread-safe.</summary>
public interface IQueries
{
    /// <summary>All DAGs by id.</summary>
    Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation);

    /// <summary>A DAG with its versions, newest first; null when it is unknown.</summary>
    Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation);

    /// <summary>Runs, newest first.</summary>
    Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation);

    /// <summary>The run that was created last, of a DAG or of all; null when there is none.</summary>
    Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation);

    /// <summary>A run with its tasks, attempts and artifacts; null when it is unknown.</summary>
    Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation);

    /// <summary>The history of a run, or of one task of it, oldest first; only what came after the sequence number.</summary>
    Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation);

    /// <summary>The pools by name, with what is used and how many wait.</summary>
    Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation);
}

/// <summary>A DAG in a list.</summary>
/// <param name="Head">The DAG.</param>
/// <param name="RunsByState">How many runs it has in each state; absent: none.</param>
/// <param name="LastRun">The run that was created last.</param>
public sealed record DagSummary(DagHead Head, IReadOnlyDictionary<RunState, int> RunsByState, DagRun? LastRun);

/// <summary>A DAG with its versions.</summary>
/// <param name="Head">The DAG.</param>
/// <param name="Versions">Its versions, newest first.</param>
public sealed record DagDetail(DagHead Head, IReadOnlyList<DagVersion> Versions);

/// <summary>Which runs to list.</summary>
public sealed record RunFilter
{
    /// <summary>Only runs of this DAG.</summary>
    public DagId? Dag { get; init; }

    /// <summary>Only runs in one of these states; empty: any.</summary>
    public IReadOnlyList<RunState> States { get; init; } = [];

    /// <summary>Only runs created at or after this instant.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last one of the page before; null: from the newest.</summary>
    public RunPosition? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A run in a list.</summary>
/// <param name="Run">The run.</param>
/// <param name="TasksByState">How many task instances it has in each state; absent: none.</param>
public sealed record RunSummary(DagRun Run, IReadOnlyDictionary<TaskState, int> TasksByState);

/// <summary>A run with all that belongs to it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Tasks">Its task instances in key order.</param>
/// <param name="Attempts">Their attempts in key order.</param>
/// <param name="Artifacts">What they published, by task and name.</param>
public sealed record RunDetail(
    DagRun Run, IReadOnlyList<TaskInstance> Tasks, IReadOnlyList<Attempt> Attempts, IReadOnlyList<Artifact> Artifacts)
{
    /// <summary>How far task instances say they are; those that have not said are left out.</summary>
    public IReadOnlyDictionary<TaskKey, TaskProgress> Progress { get; init; } = new Dictionary<TaskKey, TaskProgress>();

    /// <summary>The same task by task, in key order.</summary>
    public IReadOnlyList<TaskDetail> ByTask()
    {
        var attempts = Attempts.ToLookup(attempt => attempt.Key.Task);
        var artifacts = Artifacts.ToLookup(artifact => artifact.Task);
        return
        [
            .. Tasks.Select(task => new TaskDetail(task, [.. attempts[task.Key]], [.. artifacts[task.Key]])
            {
                Progress = Progress.GetValueOrDefault(task.Key),
            }),
        ];
    }
}

/// <summary>An event with its place in the history.</summary>
/// <param name="Sequence">Grows; names the place to go on from.</param>
/// <param name="Event">The event.</param>
public sealed record HistoryEntry(long Sequence, HistoryEvent Event);

/// <summary>A pool and what it is used for.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Used">Slots taken.</param>
/// <param name="Waiting">Task instances that wait for slots.</param>
public sealed record PoolUsage(Pool Pool, int Used, int Waiting);
