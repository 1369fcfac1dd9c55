using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Scheduling.Explaining;

/// <summary>Puts the typed reason of a task instance into words, with numbers, evidence and what to do. Pure.</summary>
public static class Explainer
{
    private const int MostNamed = 10;

    /// <summary>Explains an instance.</summary>
    public static Explanation Explain(WhyFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var explanation = facts.Row.State switch
        {
            TaskState.None => OfDependencies(facts),
            TaskState.Scheduled => OfWaiting(facts),
            TaskState.Queued => OfQueued(facts),
            TaskState.Running => OfRunning(facts),
            TaskState.UpForRetry => OfBackoff(facts),
            TaskState.Success => new Explanation("an attempt ended well and its outputs are committed", [], null),
            TaskState.Failed => FailureExplainer.OfFailed(facts),
            TaskState.Skipped => OfSkipped(facts),
            TaskState.UpstreamFailed => OfUpstreamFailed(facts),
            TaskState.Restarting => new Explanation("it was cleared while it ran; its attempt is being ended", [], null),
            TaskState.Removed => new Explanation("it is no longer in the version of its run", [], null),
            _ => new Explanation($"it is {Names.Of(facts.Row.State)}: {Names.Of(facts.Row.Reason)}", [], null),
        };
        var said = explanation.Facts;
        if (facts.Row.Detail is { Length: > 0 } detail && !said.Append(explanation.Summary).Any(s => s.Contains(detail, StringComparison.Ordinal)))
            said = [.. said, detail];
        if (!facts.Row.State.IsFinished() && facts.Detail.Run.CancelRequested) said = [.. said, "its run is being cancelled"];
        if (facts.Row.State is not (TaskState.Failed or TaskState.Success) && FailureExplainer.LastAttempt(facts) is { } last)
            said = [.. said, .. last];
        return explanation with { Facts = said };
    }

    private static Explanation OfDependencies(WhyFacts facts)
    {
        if (facts.Detail.Run.State == RunState.Queued)
            return new Explanation(
                "its run waits in the queue",
                [facts.Detail.Run.Detail ?? "the DAG's limit on running runs (max_active_runs) is reached, or the DAG is paused"],
                facts.Head is { Paused: true } head ? $"flow dags unpause {head.Id}" : null);
        var rule = facts.Spec is { } spec ? Names.Of(spec.TriggerRule) : "all_success";
        var upstream = Upstream(facts);
        var waiting = upstream.Where(t => !t.State.IsFinished()).ToList();
        return waiting.Count == 0
            ? new Explanation("it waits for those it needs", [$"its trigger rule is {rule}"], null)
            : new Explanation(
                $"it waits for {waiting.Count} of the {Words.Count(upstream.Count, "task instance")} it needs (trigger rule {rule})",
                Named(waiting),
                null);
    }

    private static Explanation OfWaiting(WhyFacts facts) => facts.Row.Reason switch
    {
        TaskReason.Paused => new Explanation(
            $"DAG {facts.Detail.Run.Dag} is paused", [], $"flow dags unpause {facts.Detail.Run.Dag}"),
        TaskReason.PoolFull => new Explanation(
            facts.Pool is { } pool
                ? $"pool '{facts.Row.Pool}' is full: {pool.Used} of {pool.Pool.Slots} slots used, it needs {facts.Row.PoolSlots}"
                : $"pool '{facts.Row.Pool}' does not exist",
            facts.Pool is { Waiting: var all } ? [$"{all} {(all == 1 ? "waits" : "wait")} for the pool, {facts.Ahead} of them before it", $"its priority is {facts.Row.Priority}"] : [],
            facts.Pool is null || facts.Pool.Pool.Slots < facts.Row.PoolSlots
                ? $"it can never run so: flow pools set {facts.Row.Pool} {facts.Row.PoolSlots}"
                : $"wait, or give the pool more slots: flow pools set {facts.Row.Pool} SLOTS"),
        TaskReason.LimitReached => new Explanation(
            "a limit on concurrent tasks is reached",
            [.. Limits(facts)],
            "wait, or raise that limit in the DAG file"),
        TaskReason.Backoff => OfBackoff(facts),
        _ => new Explanation($"its dependencies are met; it waits: {Names.Of(facts.Row.Reason)}", [], null),
    };

    private static Explanation OfQueued(WhyFacts facts) => facts.Row.Reason switch
    {
        TaskReason.InfraLost => new Explanation("the last attempt was lost, not by its own doing; a replacement is under way", Since(facts), null),
        TaskReason.LaunchFailed => new Explanation("the backend could not start the attempt; it is tried again", Since(facts), null),
        TaskReason.AwaitingCapacity => new Explanation("the backend has no room for it yet", Since(facts), null),
        _ => new Explanation("an attempt is on its way to its backend", Since(facts), null),
    };

    private static Explanation OfRunning(WhyFacts facts)
    {
        var attempt = facts.Task.Attempts.LastOrDefault(a => !a.State.IsFinished());
        var where = attempt is null ? "" : $" on {attempt.Node ?? attempt.Backend ?? "its backend"}";
        var since = Words.Duration(attempt?.StartedAt, facts.Now);
        return new Explanation(
            $"attempt {facts.Row.Epoch} is at work{where}{(since is null ? "" : $" since {since}")}",
            [
                .. facts.Row.Reason == TaskReason.Stopping ? ["it was told to stop and has not ended yet"] : Array.Empty<string>(),
                .. facts.Task.Progress is { } progress ? [$"it says: {progress} ({Words.Duration(facts.Now - progress.At)} ago)"] : Array.Empty<string>(),
            ],
            null);
    }

    private static Explanation OfBackoff(WhyFacts facts) => new(
        facts.Row.WakeAt is { } until
            ? $"it waits for its next attempt until {Words.Iso(until)}, in {Words.Duration(until - facts.Now)}"
            : "it waits for its next attempt",
        [facts.Spec is { } spec
            ? $"{facts.Row.RetriesUsed} of {spec.Retry.Retries} retries used"
            : $"{facts.Row.RetriesUsed} retries used"],
        null);

    private static Explanation OfSkipped(WhyFacts facts) => facts.Row.Reason switch
    {
        TaskReason.Condition => new Explanation($"its condition was false{(facts.Spec?.When is { } when ? $": {when}" : "")}", [], null),
        TaskReason.SkipExitCode => new Explanation("its command asked to be skipped by its exit code", [], null),
        TaskReason.EmptyMap => new Explanation("its map has no elements", [], null),
        TaskReason.Cancelled => new Explanation("its run was cancelled before it started", [], null),
        TaskReason.RunTimeout => new Explanation("its run took longer than run_timeout", [], null),
        TaskReason.TriggerRule => new Explanation(
            $"its trigger rule {(facts.Spec is { } spec ? Names.Of(spec.TriggerRule) : "")} can no longer be met".Replace("  ", " ", StringComparison.Ordinal),
            Named(Upstream(facts).Where(t => t.State != TaskState.Success)),
            null),
        _ => new Explanation($"it was not to run: {Names.Of(facts.Row.Reason)}", [], null),
    };

    private static Explanation OfUpstreamFailed(WhyFacts facts) => new(
        "it could not run, because of what became of those above it",
        Named(Upstream(facts).Where(t => t.State is TaskState.Failed or TaskState.UpstreamFailed)),
        $"flow runs rerun {facts.Detail.Run.Id} --failed, once the cause is mended");

    private static IEnumerable<string> Limits(WhyFacts facts)
    {
        var active = facts.Detail.Tasks.Where(t => t.State.HoldsLimits()).ToList();
        if (facts.Dag?.MaxActiveTasks is { } ofRun)
            yield return $"max_active_tasks of the run: {active.Count} of {ofRun} used";
        if (facts.Spec?.MaxActive is { } ofTask)
            yield return $"max_active of the task across runs: {ofTask}, {active.Count(t => t.Key.Task == facts.Row.Key.Task)} used by this run";
        if (facts.Pool is { } pool) yield return $"pool '{facts.Row.Pool}': {pool.Used} of {pool.Pool.Slots} slots used";
    }

    private static IReadOnlyList<string> Since(WhyFacts facts) =>
        (facts.Task.Attempts.Count > 0 ? facts.Task.Attempts[^1] : null) is { State: AttemptState.Dispatching or AttemptState.Held } attempt
            ? [$"attempt {attempt.Key.Epoch} was created {Words.Duration(facts.Now - attempt.CreatedAt)} ago"]
            : [];

    private static List<TaskInstance> Upstream(WhyFacts facts)
    {
        var needs = facts.Spec?.Needs.ToHashSet() ?? [];
        return [.. facts.Detail.Tasks.Where(t => needs.Contains(t.Key.Task)).OrderBy(t => t.Key)];
    }

    private static IReadOnlyList<string> Named(IEnumerable<TaskInstance> tasks)
    {
        var all = tasks.ToList();
        var named = all.Take(MostNamed).Select(t => $"{t.Key.Label} is {Names.Of(t.State)} ({Names.Of(t.Reason)})");
        return all.Count > MostNamed ? [.. named, $"and {all.Count - MostNamed} more"] : [.. named];
    }
}
