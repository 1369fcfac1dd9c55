using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Scheduling.Explaining;

/// <summary>All that an explanation of a task instance may rest on.</summary>
/// <param name="Detail">Its run.</param>
/// <param name="Task">The task instance.</param>
/// <param name="Spec">The task as it was written in the run's version; null when that is not known.</param>
/// <param name="Dag">The run's version; null when it is not known.</param>
/// <param name="Head">The DAG as it is now; null when it is not known.</param>
/// <param name="Pool">Its pool; null unless it waits for it.</param>
/// <param name="Ahead">How many waiters of the pool are before it.</param>
/// <param name="Now">The time.</param>
public sealed record WhyFacts(
    RunDetail Detail, TaskDetail Task, TaskSpec? Spec, DagSpec? Dag, DagHead? Head, PoolUsage? Pool, int Ahead, DateTimeOffset Now)
{
    /// <summary>How many running runs are looked at for waiters that are before the task.</summary>
    private const int MostRuns = 1000;

    /// <summary>The row.</summary>
    public TaskInstance Row => Task.Task;

    /// <summary>Reads what the state of the instance makes relevant.</summary>
    public static async Task<WhyFacts> GatherAsync(
        IQueries queries, RunDetail detail, TaskDetail task, DateTimeOffset now, CancellationToken cancellation)
    {
        var dag = await queries.GetDagAsync(detail.Run.Dag, cancellation);
        var version = dag?.Versions.FirstOrDefault(v => v.Hash == detail.Run.VersionHash);
        var spec = version is null ? null : CanonicalJson.Read(version.Spec);
        var facts = new WhyFacts(
            detail, task, spec?.Tasks.FirstOrDefault(t => t.Id == task.Task.Key.Task), spec, dag?.Head, null, 0, now);
        if (task.Task is not { State: TaskState.Scheduled, Reason: TaskReason.PoolFull or TaskReason.LimitReached }) return facts;
        var pools = await queries.ListPoolsAsync(cancellation);
        return facts with
        {
            Pool = pools.FirstOrDefault(p => p.Pool.Name == task.Task.Pool),
            Ahead = await CountAheadAsync(queries, detail, task.Task, cancellation),
        };
    }

    /// <summary>Waiters of the same pool by the pool's order: priority, then logical date, then the task.</summary>
    private static async Task<int> CountAheadAsync(
        IQueries queries, RunDetail detail, TaskInstance task, CancellationToken cancellation)
    {
        var runs = await queries.ListRunsAsync(new RunFilter { States = [RunState.Running], Limit = MostRuns }, cancellation);
        var ahead = 0;
        foreach (var run in runs.Where(r => r.TasksByState.GetValueOrDefault(TaskState.Scheduled) > 0))
        {
            var other = run.Run.Id == detail.Run.Id ? detail : await queries.GetRunAsync(run.Run.Id, cancellation);
            ahead += other?.Tasks.Count(t => t.State == TaskState.Scheduled
                && t.Pool == task.Pool
                && (-t.Priority, other.Run.LogicalDate, t.Key).CompareTo((-task.Priority, detail.Run.LogicalDate, task.Key)) < 0) ?? 0;
        }

        return ahead;
    }
}
