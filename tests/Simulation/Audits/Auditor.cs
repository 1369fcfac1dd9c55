using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Simulation.Audits;

/// <summary>Stands before the store and looks at every batch that was really executed: what it changed, and whether it may.</summary>
internal sealed class Auditor(Cluster cluster, InMemoryStore store) : IBatchExecutor
{
    private readonly Dictionary<TaskKey, TaskInstance> _tasks = [];
    private readonly Dictionary<AttemptKey, Attempt> _attempts = [];
    private readonly Dictionary<TaskKey, int> _successes = [];
    private readonly Dictionary<RunId, DagRun> _runs = [];
    private readonly LimitAudit _limits = new(cluster, store);
    private int _batches;

    /// <summary>The commands that were done.</summary>
    public RequestAudit Requests { get; } = new(cluster);

    /// <summary>How many callbacks the rows' ends owe.</summary>
    public int CallbacksOwed { get; private set; }

    public IReadOnlyDictionary<RunId, DagRun> Runs => _runs;

    public IReadOnlyDictionary<TaskKey, TaskInstance> Tasks => _tasks;

    public IReadOnlyDictionary<AttemptKey, Attempt> Attempts => _attempts;

    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        var outcomes = await store.ExecuteAsync(batch, cancellation);
        for (var i = 0; i < batch.Count; i++)
        {
            if (outcomes[i].Status == StepStatus.Committed) await LookAsync(batch[i]);
            else cluster.Trace.Add($"store: {Of(batch[i].Anchor)} {outcomes[i].Status}: {outcomes[i].Problem}");
        }

        await _limits.CheckAsync(batch, everything: ++_batches % 25 == 0);
        return outcomes;
    }

    private async Task LookAsync(Step step)
    {
        Requests.Look(step);
        foreach (var put in step.Writes.OfType<PutAttempt>()) Attempt(put.Row, step);
        foreach (var key in step.Writes.OfType<PutRun>().Select(put => put.Row.Id)) Run((await store.ReadRunAsync(key, default))!, step);
        var keys = step.Writes.OfType<PutTask>().Select(put => put.Row.Key)
            .Concat(step.Writes.OfType<AcknowledgeTask>().Select(write => write.Task)).Distinct().ToArray();
        var changed = new List<(TaskInstance? Before, TaskInstance After)>();
        foreach (var key in keys)
        {
            var after = (await store.ReadTaskAsync(key, default))!;
            changed.Add((_tasks.GetValueOrDefault(key), after));
            _tasks[key] = after;
        }

        foreach (var (before, after) in changed) Task(before, after, step);
        foreach (var run in step.Writes.OfType<PutRun>().Select(put => put.Row.Id).Where(run => _runs[run].State.IsFinished())) Ended(_runs[run]);
    }

    private void Run(DagRun after, Step step)
    {
        var before = _runs.GetValueOrDefault(after.Id);
        _runs[after.Id] = after;
        _limits.Count(before, after);
        var state = before?.State;
        foreach (var next in step.Writes.OfType<AddHistory>().Select(write => write.Row).Where(row => row.Run == after.Id && row.Task is null)
            .Select(row => row.Kind == "cleared" && state?.IsFinished() == true ? "queued" : row.Kind))
        {
            if (!Names.TryParse<RunState>(next, out var to)) continue;
            Demand(Oracle.MayGo(state, to), $"{after.Id}: {state} -> {to}");
            state = to;
        }

        Demand(state == after.State, $"{after.Id}: the history ends with {state}, the row says {after.State}");
        if (before?.State == after.State) return;
        cluster.Trace.Add($"store: {after.Id} v{after.Version} {before?.State.ToString() ?? "new"} -> {after.State} {after.Detail}");
        var spec = cluster.Workload.Graphs[after.VersionHash].Spec;
        CallbacksOwed += after.State switch { RunState.Success => spec.OnSuccess.Count, RunState.Failed => spec.OnFailure.Count, _ => 0 };
    }

    // A run ends when all its instances have, and its end is that of its leaves.
    private void Ended(DagRun run)
    {
        var graph = cluster.Workload.Graphs[run.VersionHash];
        var tasks = _tasks.Values.Where(task => task.Key.Run == run.Id).ToArray();
        foreach (var task in tasks) Demand(task.State.IsFinished() && !task.Unreported, $"{run.Id} ended as {run.State}, but {task.Key} is {task.State}");
        if (run.State == RunState.Cancelled || run.TimedOut) return;
        var failed = tasks.Any(task => graph.IsLeaf(graph.IndexOf(task.Key.Task)) && task.State is TaskState.Failed or TaskState.UpstreamFailed
            && graph.IsLeaf(graph.IndexOf(task.Key.Task)));
        Demand(run.State == (failed ? RunState.Failed : RunState.Success), $"{run.Id} ended as {run.State}, but its leaves say otherwise");
    }

    private void Attempt(Attempt after, Step step)
    {
        var before = _attempts.GetValueOrDefault(after.Key);
        _attempts[after.Key] = after;
        var task = step.Writes.OfType<PutTask>().Single(put => put.Row.Key == after.Key.Task).Row;
        if (before is null)
        {
            Demand(after.State == AttemptState.Dispatching || after.State.IsFinished(), $"{after.Key} begins as {after.State}");
            Demand(after.Key.Epoch == 1 || _attempts.ContainsKey(after.Key with { Epoch = after.Key.Epoch - 1 }), $"{after.Key}: an epoch was left out");
            Demand(!_attempts.ContainsKey(after.Key with { Epoch = after.Key.Epoch + 1 }), $"{after.Key} comes after its successor");
            Demand(_tasks.GetValueOrDefault(after.Key.Task)?.Epoch is null or 0 || _tasks[after.Key.Task].Epoch < after.Key.Epoch, $"{after.Key}: the epoch was used before");
        }
        else
        {
            Demand(before.Uid == after.Uid, $"{after.Key} has changed its identity");
            Demand(before.State == after.State || Oracle.MayGo(before.State, after.State), $"{after.Key}: {before.State} -> {after.State}");
        }

        if (before?.State != after.State) cluster.Trace.Add($"store: {after.Key} {before?.State.ToString() ?? "new"} -> {after.State} {after.Cause} {after.Stop}");
        Demand(task.Epoch >= after.Key.Epoch, $"{after.Key}: the instance says epoch {task.Epoch}");
        if (after.State == AttemptState.Succeeded && before?.State != AttemptState.Succeeded)
            Demand((_successes[after.Key.Task] = _successes.GetValueOrDefault(after.Key.Task) + 1) == 1, $"{after.Key}: a second attempt succeeds");
    }

    private void Task(TaskInstance? before, TaskInstance after, Step step)
    {
        _limits.Count(before, after, cluster.Workload.Graphs[_runs[after.Key.Run].VersionHash].Spec.Id);
        var open = _attempts.Values.Count(attempt => attempt.Key.Task == after.Key && !attempt.State.IsFinished());
        Demand(open <= 1, $"{after.Key} has {open} unfinished attempts");
        Demand(open == 0 || after.State is TaskState.Queued or TaskState.Running, $"{after.Key} is {after.State} with an unfinished attempt");
        Demand(after.State != TaskState.Running || open == 1, $"{after.Key} is running without an attempt");
        Demand(after.State.IsFinished() == after.EndedAt.HasValue, $"{after.Key}: {after.State} and ended_at disagree");
        if (before is not null) Charges(before, after, step);

        var state = before?.State ?? TaskState.None;
        var trail = step.Writes.OfType<AddHistory>().Select(write => write.Row)
            .Where(row => row.Task == after.Key.Task && row.MapIndex == after.Key.MapIndex).Select(row => Names.Parse<TaskState>(row.Kind)).ToArray();
        foreach (var next in trail)
        {
            Demand(Oracle.MayGo(state, next), $"{after.Key}: {state} -> {next}");
            state = next;
        }

        Demand(state == after.State, $"{after.Key}: the history ends with {state}, the row says {after.State}");
        if (trail.Length == 0) return;
        cluster.Trace.Add($"store: {after.Key} v{after.Version} {before?.State ?? TaskState.None} -> {string.Join(" -> ", trail)} ({after.Reason}) {after.Detail}");
        if (after.State == TaskState.None) _successes.Remove(after.Key);
        if ((before?.State ?? TaskState.None) == TaskState.None && after.State != TaskState.None) Readiness(after);
        if (step.Anchor.Kind == RowKind.Task) Callbacks(after, trail);
        if (after.State == TaskState.Success)
            Demand(_attempts[new AttemptKey(after.Key, after.Epoch)].State == AttemptState.Succeeded, $"{after.Key} succeeds without its attempt");
    }

    // What leaves none must be allowed to by its rule, on what its run has acted on.
    private void Readiness(TaskInstance after)
    {
        var run = _runs[after.Key.Run];
        var graph = cluster.Workload.Graphs[run.VersionHash];
        var spec = graph[graph.IndexOf(after.Key.Task)];
        if (after.State == TaskState.Skipped && after.Reason is TaskReason.Cancelled or TaskReason.RunTimeout)
        {
            Demand(run.CancelRequested || run.State == RunState.Cancelled, $"{after.Key} is cancelled, its run is not");
            return;
        }

        var above = _tasks.Values.Where(task => task.Key.Run == run.Id && spec.Needs.Contains(task.Key.Task))
            .Select(task => task.Unreported ? TaskState.Running : task.State).ToArray();
        var allowed = Oracle.Allows(spec.TriggerRule, above);
        var done = (after.State, after.Reason) switch
        {
            (TaskState.Skipped, TaskReason.Condition or TaskReason.EmptyMap) => "run",
            (TaskState.Skipped, _) => "skipped",
            (TaskState.UpstreamFailed, _) => "upstream_failed",
            _ => "run",
        };
        Demand(done == allowed, $"{after.Key} ({spec.TriggerRule}) becomes {after.State}/{after.Reason}, but its rule says {allowed} of {string.Join(", ", above)}");
    }

    private void Charges(TaskInstance before, TaskInstance after, Step step)
    {
        if (after.RetriesUsed <= before.RetriesUsed) return;
        var causes = step.Writes.OfType<PutAttempt>().Select(put => put.Row.Cause).ToArray();
        Demand(
            causes.Any(cause => cause is AttemptCause.Application or AttemptCause.Oom or AttemptCause.Timeout),
            $"{after.Key}: retries are charged for {string.Join(", ", causes)}");
    }

    private void Callbacks(TaskInstance after, TaskState[] trail)
    {
        var graph = cluster.Workload.Graphs[_runs[after.Key.Run].VersionHash];
        var spec = graph[graph.IndexOf(after.Key.Task)];
        CallbacksOwed += trail[^1] switch
        {
            TaskState.Success => spec.OnSuccess.Count,
            TaskState.Failed when after.Reason == TaskReason.Cancelled => spec.OnCancel.Count,
            TaskState.Failed => spec.OnFailure.Count,
            TaskState.UpForRetry => spec.OnRetry.Count,
            _ => 0,
        };
    }

    private void Demand(bool holds, string violation)
    {
        if (!holds) cluster.Fail(violation);
    }

    private static string Of(RowKey row) => $"{row.Id}{(row.Task == "" ? "" : $"/{row.Task}/{row.MapIndex}")}";
}
