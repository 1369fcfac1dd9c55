using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Simulation.Hosting;

namespace OrleansFlow.Tests.Simulation.Faults;

/// <summary>Reading as one host sees it: slow on either way, so that what it says may be old, or not possible at all.</summary>
internal sealed class FaultyReader(IStateReader inner, SimHost host, Faults faults) : IStateReader
{
    public Task<DagHead?> ReadDagAsync(DagId dag, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadDagAsync(dag, cancellation), cancellation);

    public Task<IReadOnlyList<DagRun>> ReadOpenRunsAsync(DagId dag, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadOpenRunsAsync(dag, cancellation), cancellation);

    public Task<DagVersion?> ReadVersionAsync(string hash, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadVersionAsync(hash, cancellation), cancellation);

    public Task<DagRun?> ReadRunAsync(RunId run, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadRunAsync(run, cancellation), cancellation);

    public Task<IReadOnlyList<TaskInstance>> ReadTasksAsync(RunId run, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadTasksAsync(run, cancellation), cancellation);

    public Task<TaskInstance?> ReadTaskAsync(TaskKey task, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadTaskAsync(task, cancellation), cancellation);

    public Task<IReadOnlyList<Attempt>> ReadAttemptsAsync(TaskKey task, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadAttemptsAsync(task, cancellation), cancellation);

    public Task<Pool?> ReadPoolAsync(string pool, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadPoolAsync(pool, cancellation), cancellation);

    public Task<IReadOnlyList<LimitCounter>> ReadLimitsAsync(IReadOnlyList<string> keys, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadLimitsAsync(keys, cancellation), cancellation);

    public Task<IReadOnlyList<Waiter>> ReadWaitersAsync(string pool, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadWaitersAsync(pool, limit, cancellation), cancellation);

    public Task<IReadOnlyList<Xcom>> ReadXcomsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadXcomsAsync(run, tasks, cancellation), cancellation);

    public Task<IReadOnlyList<Artifact>> ReadArtifactsAsync(RunId run, IReadOnlyList<TaskId> tasks, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadArtifactsAsync(run, tasks, cancellation), cancellation);

    public Task<Checkpoint?> ReadCheckpointAsync(TaskKey task, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadCheckpointAsync(task, cancellation), cancellation);

    public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadRequestsAsync(ids, cancellation), cancellation);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ForgetRequestsAsync(before, limit, cancellation), cancellation);

    public Task<IReadOnlyList<DueRow>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadDueAsync(now, limit, cancellation), cancellation);

    public Task<IReadOnlyList<UnreportedTask>> ReadUnreportedTasksAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadUnreportedTasksAsync(before, limit, cancellation), cancellation);

    public Task<IReadOnlyList<UnreportedRun>> ReadUnreportedRunsAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadUnreportedRunsAsync(before, limit, cancellation), cancellation);

    public Task<IReadOnlyList<RunId>> ReadLiveRunsAsync(RunId? after, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadLiveRunsAsync(after, limit, cancellation), cancellation);

    public Task<IReadOnlyList<Attempt>> ReadLiveAttemptsAsync(RunId? run, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadLiveAttemptsAsync(run, cancellation), cancellation);

    public Task<IReadOnlyList<(LimitCounter Counter, int Counted)>> ReadLimitDriftAsync(CancellationToken cancellation) =>
        AskAsync(() => inner.ReadLimitDriftAsync(cancellation), cancellation);

    public Task<IReadOnlyList<OutboxItem>> ReadOutboxAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        AskAsync(() => inner.ReadOutboxAsync(now, limit, cancellation), cancellation);

    public Task CompleteOutboxAsync(Guid id, CancellationToken cancellation) => inner.CompleteOutboxAsync(id, cancellation);

    public Task DeferOutboxAsync(Guid id, string error, DateTimeOffset? dueAt, CancellationToken cancellation) =>
        inner.DeferOutboxAsync(id, error, dueAt, cancellation);

    private async Task<T> AskAsync<T>(Func<Task<T>> read, CancellationToken cancellation)
    {
        await host.TakeAsync(faults.Latency(), cancellation);
        if (faults.StoreIsAway || faults.Happens(0.01)) throw new StoreException(StoreFailure.Unavailable, "cannot be reached");
        var answer = await read();
        await host.TakeAsync(faults.Latency(), cancellation);
        return answer;
    }
}
