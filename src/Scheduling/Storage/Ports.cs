using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Storage;

/// <summary>Where coordinators commit. Thread-safe.</summary>
public interface IStore
{
    /// <summary>Commits a step, together with those of others; returns when its outcome is known to be durable, refused or unknown.</summary>
    Task<StepOutcome> CommitAsync(Step step, CancellationToken cancellation);
}

/// <summary>Executes batches: what a storage adapter writes. One batch at a time.</summary>
public interface IBatchExecutor
{
    /// <summary>
    /// In one transaction: checks the host fence, locks the rows and limits named (in key order), compares versions, drops the steps
    /// that <see cref="BatchPlan"/> drops, applies the rest. No two steps of a batch put the same row.
    /// </summary>
    /// <returns>An outcome for each step, in order: committed, conflict or limit exceeded.</returns>
    /// <exception cref="StoreException">The batch failed as a whole.</exception>
    Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation);
}

/// <summary>What coordinators load, and what hosts sweep. Thread-safe. Every method throws <see cref="StoreException"/> (unavailable) when the store is away.</summary>
public interface IStateReader
{
    /// <summary>A DAG; null when it is unknown.</summary>
    Task<DagHead?> ReadDagAsync(DagId dag, CancellationToken cancellation);

    /// <summary>The unfinished runs of a DAG, oldest first, and those that are finished but unreported.</summary>
    Task<IReadOnlyList<DagRun>> ReadOpenRunsAsync(DagId dag, CancellationToken cancellation);

    /// <summary>A version by its content hash; null when it is unknown.</summary>
    Task<DagVersion?> ReadVersionAsync(string hash, CancellationToken cancellation);

    /// <summary>A run; null when it is unknown.</summary>
    Task<DagRun?> ReadRunAsync(RunId run, CancellationToken cancellation);

    /// <summary>All task instances of a run, in key order.</summary>
    Task<IReadOnlyList<TaskInstance>> ReadTasksAsync(RunId run, CancellationToken cancellation);

    /// <summary>A task instance; null when it is unknown.</summary>
    Task<TaskInstance?> ReadTaskAsync(TaskKey task, CancellationToken cancellation);

    /// <summary>The attempts of a task instance, oldest first.</summary>
    Task<IReadOnlyList<Attempt>> ReadAttemptsAsync(TaskKey task, CancellationToken cancellation);

    /// <summary>A pool; null when it is unknown.</summary>
    Task<Pool?> ReadPoolAsync(string pool, CancellationToken cancellation);

    /// <summary>Limits by key; those that nobody set are absent.</summary>
    Task<IReadOnlyList<LimitCounter>> ReadLimitsAsync(IReadOnlyList<string> keys, CancellationToken cancellation);

    /// <summary>The scheduled task instances of a pool that wait for slots or limits, in the order of their turn.</summary>
    Task<IReadOnlyList<Waiter>> ReadWaitersAsync(string pool, int limit, CancellationToken cancellation);

    /// <summary>The xcoms of some tasks of a run.</summary>
    Task<IReadOnlyList<Xcom>> ReadXcomsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation);

    /// <summary>The artifacts of some tasks of a run.</summary>
    Task<IReadOnlyList<Artifact>> ReadArtifactsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation);

    /// <summary>The last checkpoint of a task instance; null when there is none.</summary>
    Task<Checkpoint?> ReadCheckpointAsync(TaskKey task, CancellationToken cancellation);

    /// <summary>The recorded answers to some requests, by id; those without one are absent.</summary>
    Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>Removes recorded answers that were given before <paramref name="before"/>, oldest first; returns how many they were.</summary>
    Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>Rows whose <c>wake_at</c> is not later than <paramref name="now"/>, earliest first.</summary>
    Task<IReadOnlyList<DueRow>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Finished task instances that are unreported since before <paramref name="before"/> (by <c>ended_at</c>).</summary>
    Task<IReadOnlyList<UnreportedTask>> ReadUnreportedTasksAsync(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>Finished runs that are unreported since before <paramref name="before"/> (by <c>ended_at</c>).</summary>
    Task<IReadOnlyList<UnreportedRun>> ReadUnreportedRunsAsync(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>Unfinished runs, for a host that starts: oldest first, after the given id.</summary>
    Task<IReadOnlyList<RunId>> ReadLiveRunsAsync(RunId? after, int limit, CancellationToken cancellation);

    /// <summary>Unfinished attempts of a run, or of all runs when it is null, in key order.</summary>
    Task<IReadOnlyList<Attempt>> ReadLiveAttemptsAsync(RunId? run, CancellationToken cancellation);

    /// <summary>Limits whose counter differs from the rows counted: always empty, unless there is a defect.</summary>
    Task<IReadOnlyList<(LimitCounter Counter, int Counted)>> ReadLimitDriftAsync(CancellationToken cancellation);

    /// <summary>Outbox items that are due, earliest first.</summary>
    Task<IReadOnlyList<OutboxItem>> ReadOutboxAsync(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Removes an item that was done.</summary>
    Task CompleteOutboxAsync(Guid id, CancellationToken cancellation);

    /// <summary>Records a failure of an item and when it is due again; null: it is given up and kept for people to see.</summary>
    Task DeferOutboxAsync(Guid id, string error, DateTimeOffset? dueAt, CancellationToken cancellation);
}
