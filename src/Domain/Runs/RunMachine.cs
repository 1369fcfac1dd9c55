using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Runs;

/// <summary>
/// Which tasks of a run become ready, are skipped or cannot run, and when the run ends. Pure: reads the progress, changes nothing.
/// The cost of hearing of one finished task is that of the tasks directly below it and of those settled by it.
/// </summary>
public static class RunMachine
{
    /// <summary>Decides after some instances have finished.</summary>
    /// <param name="progress">The run as it was before.</param>
    /// <param name="finished">Instances that have finished since, as reported; each at most once, none of them settled before.</param>
    /// <param name="everything">Look at every task that has not been decided: at the start, after a clear, after a restart.</param>
    /// <param name="conditions">What <c>when</c> says; asked only of instances whose trigger rule lets them run.</param>
    /// <param name="now">The time, for what is settled.</param>
    public static RunStep Decide(
        RunProgress progress,
        IReadOnlyList<TaskInstance> finished,
        bool everything,
        Func<int, TaskInstance, WhenResult> conditions,
        DateTimeOffset now)
    {
        var wave = new Wave(progress, conditions, now);
        foreach (var task in finished) wave.Settle(progress.Graph.IndexOf(task.Key.Task), task.State);
        return wave.Run(everything ? Enumerable.Range(0, progress.Graph.Count) : []);
    }

    /// <summary>Ends all that has not begun: instances that are still <c>none</c> become skipped.</summary>
    /// <param name="progress">The run as it was before.</param>
    /// <param name="finished">Instances that have finished since, as reported.</param>
    /// <param name="reason"><see cref="TaskReason.Cancelled"/> or <see cref="TaskReason.RunTimeout"/>.</param>
    /// <param name="now">The time, for what is settled.</param>
    public static RunStep OnCancelled(RunProgress progress, IReadOnlyList<TaskInstance> finished, TaskReason reason, DateTimeOffset now)
    {
        var skipped = progress.All.Where(task => task.State == TaskState.None)
            .Select(task => task with { State = TaskState.Skipped, Reason = reason, EndedAt = now }).ToArray();
        var open = progress.Unfinished - skipped.Length - finished.Count;
        return new RunStep
        {
            Settled = skipped,
            Ready = [],
            NeedValues = [],
            End = open > 0 ? null : progress.Run.TimedOut ? RunState.Failed : RunState.Cancelled,
            Detail = progress.Run.Detail,
        };
    }

    /// <summary>The finished instances that a clear sets back to none, as they will be stored.</summary>
    /// <param name="progress">The run, with its instances freshly loaded.</param>
    /// <param name="tasks">The tasks to clear.</param>
    /// <param name="mapIndex">Only this element; null: all.</param>
    /// <param name="onlyFailed">Only those that failed, could not run, or were skipped without their own doing in the wake of those.</param>
    public static IReadOnlyList<TaskInstance> Clear(RunProgress progress, IEnumerable<int> tasks, int? mapIndex, bool onlyFailed)
    {
        var chosen = tasks.SelectMany(progress.Instances)
            .Where(task => task.State.IsFinished() && task.State != TaskState.Removed)
            .Where(task => mapIndex is null || task.Key.MapIndex == mapIndex)
            .Where(task => !onlyFailed || task.State is TaskState.Failed or TaskState.UpstreamFailed || WasCutOff(task));
        return [.. chosen.Select(Cleared)];
    }

    private static bool WasCutOff(TaskInstance task) =>
        task is { State: TaskState.Skipped, Reason: TaskReason.Cancelled or TaskReason.RunTimeout or TaskReason.TriggerRule };

    private static TaskInstance Cleared(TaskInstance task) => task with
    {
        State = TaskState.None,
        Reason = TaskReason.Cleared,
        Detail = null,
        Fence = task.Epoch + 1,
        RetriesUsed = 0,
        InfraRetriesUsed = 0,
        LaunchRetriesUsed = 0,
        UnknownRetriesUsed = 0,
        WakeAt = null,
        ScheduledAt = null,
        StartedAt = null,
        EndedAt = null,
        Unreported = false,
    };

    /// <summary>One wave of consequences, computed beside the progress.</summary>
    private sealed class Wave(RunProgress progress, Func<int, TaskInstance, WhenResult> conditions, DateTimeOffset now)
    {
        private readonly Dictionary<int, UpstreamCounts> _counts = [];
        private readonly SortedSet<int> _touched = [];
        private readonly HashSet<int> _decided = [];
        private readonly List<TaskInstance> _settled = [];
        private readonly List<TaskInstance> _ready = [];
        private readonly List<int> _needValues = [];
        private readonly SortedSet<int> _failed = [];
        private readonly HashSet<int> _notOk = [];
        private int _finished;

        /// <summary>An instance of a task has finished, in this wave.</summary>
        public void Settle(int node, TaskState state)
        {
            _finished++;
            if (state is TaskState.Failed or TaskState.UpstreamFailed) _notOk.Add(node);
            if (state is TaskState.Failed) _failed.Add(node);
            foreach (var below in progress.Graph.Downstream(node))
            {
                _counts[below] = _counts.GetValueOrDefault(below, progress.Upstream(below)).Count(state, +1);
                _touched.Add(below);
            }
        }

        public RunStep Run(IEnumerable<int> candidates)
        {
            foreach (var node in candidates) _touched.Add(node);
            while (_touched.Count > 0)
            {
                var node = _touched.Min;
                _touched.Remove(node);
                if (!_decided.Contains(node)) Decide(node);
            }

            var over = _ready.Count == 0 && _needValues.Count == 0 && progress.Unfinished == _finished;
            var end = !over ? (RunState?)null : AnyLeafFailed() ? RunState.Failed : RunState.Success;
            return new RunStep
            {
                Settled = _settled,
                Ready = _ready,
                NeedValues = _needValues,
                End = end,
                Detail = end == RunState.Failed ? Culprits() : null,
            };
        }

        private void Decide(int node)
        {
            var waiting = progress.Instances(node).Where(task => task.State == TaskState.None).ToArray();
            if (waiting.Length == 0) return;
            var spec = progress.Graph[node];
            switch (TriggerRules.Evaluate(spec.TriggerRule, _counts.GetValueOrDefault(node, progress.Upstream(node))))
            {
                case RuleVerdict.Wait:
                    return;
                case RuleVerdict.Skip:
                    _decided.Add(node);
                    foreach (var task in waiting) Finish(node, task, TaskState.Skipped, TaskReason.TriggerRule, Rule(spec));
                    return;
                case RuleVerdict.UpstreamFailed:
                    _decided.Add(node);
                    foreach (var task in waiting) Finish(node, task, TaskState.UpstreamFailed, TaskReason.TriggerRule, Rule(spec));
                    return;
                default:
                    _decided.Add(node);
                    Release(node, spec, waiting);
                    return;
            }
        }

        private void Release(int node, Dags.TaskSpec spec, TaskInstance[] waiting)
        {
            foreach (var task in waiting)
            {
                var condition = spec.When is null ? WhenResult.Met : conditions(node, task);
                if (spec.Map is not null && !task.Key.IsMapped) Finish(node, task, TaskState.Skipped, TaskReason.EmptyMap, null);
                else if (condition.Holds == true) _ready.Add(task);
                else if (condition.Holds == false) Finish(node, task, TaskState.Skipped, TaskReason.Condition, $"when: {spec.When}");
                else if (condition.Problem is { } problem) Finish(node, task, TaskState.Failed, TaskReason.Unresolved, $"when: {problem}");
                else _needValues.Add(node);
            }
        }

        private void Finish(int node, TaskInstance task, TaskState state, TaskReason reason, string? detail)
        {
            _settled.Add(task with { State = state, Reason = reason, Detail = detail, EndedAt = now });
            Settle(node, state);
        }

        private static string Rule(Dags.TaskSpec spec) => $"trigger_rule: {Names.Of(spec.TriggerRule)}";

        // A run is judged by its leaves,
        private bool AnyLeafFailed() => Enumerable.Range(0, progress.Graph.Count).Where(progress.Graph.IsLeaf).Any(leaf =>
            _notOk.Contains(leaf) || progress.Instances(leaf).Any(task => task.State is TaskState.Failed or TaskState.UpstreamFailed));

        // and explained by the tasks that failed themselves.
        private string Culprits()
        {
            const int most = 5;
            _failed.UnionWith(progress.All.Where(task => task.State == TaskState.Failed).Select(task => progress.Graph.IndexOf(task.Key.Task)));
            return $"failed: {string.Join(", ", _failed.Take(most).Select(node => progress.Graph[node].Id))}{(_failed.Count > most ? ", ..." : "")}";
        }
    }
}
