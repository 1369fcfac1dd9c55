namespace OrleansFlow.Domain.Tasks;

/// <summary>The complete edge tables of task instances and attempts (<c>semantics.md</c>): anything else is illegal.</summary>
public static class TaskEdges
{
    /// <summary>Whether a task instance may go from one state to another.</summary>
    public static bool IsLegal(TaskState from, TaskState to) => (from, to) switch
    {
        (TaskState.None, TaskState.Scheduled or TaskState.Queued or TaskState.UpstreamFailed) => true,
        (TaskState.Scheduled, TaskState.Queued) => true,
        (TaskState.Queued, TaskState.Running) => true,
        (TaskState.Running, TaskState.Success or TaskState.Queued or TaskState.UpForRetry or TaskState.UpForReschedule
            or TaskState.Deferred or TaskState.Restarting) => true,
        (TaskState.UpForRetry or TaskState.UpForReschedule or TaskState.Deferred or TaskState.Restarting, TaskState.Scheduled) => true,
        (TaskState.None, TaskState.Removed) => true,
        (_, TaskState.Skipped or TaskState.Failed) => !from.IsFinished(),
        (_, TaskState.None) => from.IsFinished(),
        _ => false,
    };

    /// <summary>Whether an attempt may go from one state to another.</summary>
    public static bool IsLegal(AttemptState from, AttemptState to) => (from, to) switch
    {
        (AttemptState.Dispatching, AttemptState.Held or AttemptState.Running) => true,
        (AttemptState.Held, AttemptState.Running) => true,
        (AttemptState.Running, AttemptState.Leaving) => true,
        _ => !from.IsFinished() && to.IsFinished(),
    };
}
