using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Scheduling.Explaining;

/// <summary>How an attempt ended, by its evidence: the cause, what it was charged to, and what to do. Pure.</summary>
internal static class FailureExplainer
{
    /// <summary>Why a task instance has failed for good.</summary>
    public static Explanation OfFailed(WhyFacts facts)
    {
        var row = facts.Row;
        var summary = row.Reason switch
        {
            TaskReason.ExitCode => "its command failed",
            TaskReason.Timeout => $"it ran longer than its timeout{Limit(facts.Spec?.Timeout)}",
            TaskReason.QueuedTimeout => $"it waited to start longer than its queued_timeout{Limit(facts.Spec?.QueuedTimeout)}",
            TaskReason.Oom => "it was killed for using too much memory",
            TaskReason.Cancelled => "its run was cancelled while it ran",
            TaskReason.Outputs => "its outputs could not be committed",
            TaskReason.Unresolved => "something it refers to does not exist",
            TaskReason.RunTimeout => $"its run took longer than its run_timeout{Limit(facts.Dag?.RunTimeout)}",
            TaskReason.LaunchFailed => "the backend could not start it",
            TaskReason.InfraLost => "too many of its attempts were lost, not by its own doing",
            _ => $"it failed: {Names.Of(row.Reason)}",
        };
        return new Explanation(summary, [.. LastAttempt(facts) ?? []], Advice(facts));
    }

    /// <summary>How the last finished attempt ended, when it did not end well; null otherwise.</summary>
    public static IReadOnlyList<string>? LastAttempt(WhyFacts facts)
    {
        if (facts.Task.Attempts.LastOrDefault(a => a.State.IsFinished()) is not { } attempt || attempt.State == AttemptState.Succeeded) return null;
        var exit = attempt.ExitCode is { } code ? $" with exit code {Words.Whole(code)}{Signal(code)}" : "";
        var after = Words.Duration(attempt.StartedAt, attempt.EndedAt) is { } took ? $" after {took}" : "";
        var where = attempt.Node is { } node ? $" on {node}" : "";
        var lines = new List<string> { $"attempt {attempt.Key.Epoch} ended as {Names.Of(attempt.State)}{exit}{after}{where}" };
        if (attempt.Cause is { } cause) lines.Add($"cause {Names.Of(cause)}: {Meaning(cause, attempt)}; {Charge(cause, attempt, facts)}");
        if (attempt.Evidence is { Length: > 0 and < 2000 } evidence && evidence != "{}") lines.Add($"evidence: {evidence}");
        return lines;
    }

    private static string Meaning(AttemptCause cause, Attempt attempt) => cause switch
    {
        AttemptCause.Timeout when attempt.StartedAt is null => "it had not started when its queued_timeout was over",
        AttemptCause.Application => "its command failed",
        AttemptCause.Oom => "it used too much memory",
        AttemptCause.Stopped => "it ended on being told to stop, or asked to be run again",
        AttemptCause.Preempted => "its node or pod was taken away",
        AttemptCause.NodeLost => "its node fell silent",
        AttemptCause.HostLost => "the host that ran it died or left",
        AttemptCause.Launch => "it never started",
        AttemptCause.Timeout => "it ran longer than its timeout",
        AttemptCause.Cancelled => "somebody cancelled it",
        _ => "it vanished without any evidence",
    };

    private static string Charge(AttemptCause cause, Attempt attempt, WhyFacts facts)
    {
        var (row, retry) = (facts.Row, facts.Spec?.Retry);
        return cause switch
        {
            AttemptCause.Timeout when attempt.StartedAt is null => "charged to nothing",
            AttemptCause.Launch when row.State == TaskState.Failed && row.LaunchRetriesUsed < retry?.LaunchRetries =>
                "charged to nothing, since trying again would not help",
            AttemptCause.Application or AttemptCause.Oom or AttemptCause.Timeout => Budget("retries", row.RetriesUsed, retry?.Retries),
            AttemptCause.Launch => Budget("launch_retries", row.LaunchRetriesUsed, retry?.LaunchRetries),
            AttemptCause.Unknown => Budget("the budget of unexplained losses", row.UnknownRetriesUsed, RetryPolicy.UnknownRetries),
            AttemptCause.Cancelled => "charged to nothing",
            _ => Budget("infra_retries", row.InfraRetriesUsed, retry?.InfraRetries),
        };
    }

    private static string Budget(string name, int used, int? of) => of == 0 ? $"charged to {name}, of which it has none" :
        $"charged to {name} ({Words.Whole(used)}{(of is { } most ? $" of {Words.Whole(most)}" : "")} used)";

    private static string? Advice(WhyFacts facts)
    {
        var run = facts.Detail.Run.Id;
        var task = facts.Row.Key.Label;
        var rerun = $"then flow runs rerun {run} --failed";
        return facts.Row.Reason switch
        {
            TaskReason.ExitCode => $"flow logs {run} {task} shows what it wrote; mend it, {rerun}",
            TaskReason.Timeout or TaskReason.QueuedTimeout or TaskReason.RunTimeout => $"make it faster or the limit longer, {rerun}",
            TaskReason.Oom => $"give it more memory or let it use less, {rerun}",
            TaskReason.Cancelled => $"nothing, or flow runs rerun {run} --failed",
            TaskReason.Outputs => $"write every file that 'outputs' names into $FLOW_OUTPUTS, {rerun}",
            TaskReason.Unresolved => $"define what is missing, {rerun}",
            TaskReason.LaunchFailed => $"mend what kept it from starting, {rerun}",
            _ => $"flow runs rerun {run} --failed",
        };
    }

    private static string Signal(int code) => code is > 128 and < 160 ? $" (signal {Words.Whole(code - 128)})" : "";

    private static string Limit(TimeSpan? limit) => limit is { } l ? $" of {Words.Duration(l)}" : "";
}
