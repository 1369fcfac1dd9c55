using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Simulation.Audits;

/// <summary>
/// The tables of <c>semantics.md</c>, written down a second time and in another way: over lists of states, not over counts.
/// </summary>
internal static class Oracle
{
    /// <summary>What a trigger rule allows now: <c>run</c>, <c>skipped</c>, <c>upstream_failed</c> or <c>wait</c>.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="above">The states of all instances directly upstream; those the run has not acted on count as not finished.</param>
    public static string Allows(TriggerRule rule, IReadOnlyList<TaskState> above)
    {
        var up = above.Where(state => state != TaskState.Removed).ToArray();
        if (up.Length == 0) return "run";
        var done = up.All(state => state.IsFinished());
        bool Any(params TaskState[] states) => up.Any(states.Contains);
        bool All(params TaskState[] states) => up.All(states.Contains);
        const TaskState s = TaskState.Success, f = TaskState.Failed, uf = TaskState.UpstreamFailed, k = TaskState.Skipped;
        switch (rule)
        {
            case TriggerRule.AllSuccess:
                return Any(f, uf) ? "upstream_failed" : Any(k) ? "skipped" : All(s) ? "run" : "wait";
            case TriggerRule.AllFailed:
                return Any(s, k) ? "skipped" : All(f, uf) ? "run" : "wait";
            case TriggerRule.AllDone or TriggerRule.AllDoneSetupSuccess:
                return done ? "run" : "wait";
            case TriggerRule.AllDoneMinOneSuccess:
                return Any(k) ? "skipped" : !done ? "wait" : Any(s) ? "run" : "upstream_failed";
            case TriggerRule.OneSuccess:
                return Any(s) ? "run" : !done ? "wait" : All(k) ? "skipped" : "upstream_failed";
            case TriggerRule.OneFailed:
                return Any(f, uf) ? "run" : done ? "skipped" : "wait";
            case TriggerRule.OneDone:
                return Any(s, f) ? "run" : done ? "skipped" : "wait";
            case TriggerRule.NoneFailed:
                return Any(f, uf) ? "upstream_failed" : All(s, k) ? "run" : "wait";
            case TriggerRule.NoneFailedMinOneSuccess:
                return Any(f, uf) ? "upstream_failed" : !All(s, k) ? "wait" : Any(s) ? "run" : "skipped";
            case TriggerRule.NoneSkipped:
                return Any(k) ? "skipped" : done ? "run" : "wait";
            case TriggerRule.AllSkipped:
                return Any(s, f, uf) ? "skipped" : All(k) ? "run" : "wait";
            default:
                return "run";
        }
    }

    /// <summary>The edges of a task instance.</summary>
    public static bool MayGo(TaskState from, TaskState to)
    {
        var unfinished = !from.IsFinished();
        return to switch
        {
            TaskState.None => from.IsFinished(),
            TaskState.Scheduled => from is TaskState.None or TaskState.UpForRetry,
            TaskState.Queued => from is TaskState.None or TaskState.Scheduled or TaskState.Running,
            TaskState.Running => from == TaskState.Queued,
            TaskState.Success or TaskState.UpForRetry => from == TaskState.Running,
            TaskState.UpstreamFailed => from == TaskState.None,
            TaskState.Failed or TaskState.Skipped => unfinished,
            _ => false,
        };
    }

    /// <summary>The edges of a run; null before it is there.</summary>
    public static bool MayGo(RunState? from, RunState to) => (from, to) switch
    {
        (null, RunState.Queued) => true,
        (RunState.Queued, RunState.Running or RunState.Cancelled) => true,
        (RunState.Running, RunState.Success or RunState.Failed or RunState.Cancelled) => true,
        (RunState.Success or RunState.Failed or RunState.Cancelled, RunState.Queued) => true,
        _ => false,
    };

    /// <summary>The edges of an attempt.</summary>
    public static bool MayGo(AttemptState from, AttemptState to) =>
        !from.IsFinished() && (to.IsFinished() || (from, to) is (AttemptState.Dispatching, AttemptState.Running));
}
