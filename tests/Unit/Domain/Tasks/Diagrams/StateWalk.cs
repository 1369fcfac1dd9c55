using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Tests.Unit.Domain.Runs;

namespace OrleansFlow.Tests.Unit.Domain.Tasks.Diagrams;

/// <summary>An edge of a state diagram, and what makes somebody take it.</summary>
internal readonly record struct Edge<T>(T From, T To, string Cause) where T : struct, Enum;

/// <summary>Offers every event to the machines in every state that can be reached, and notes where that leads.</summary>
internal static class StateWalk
{
    private static readonly TaskSpec Spec = Life.Task(retry => retry with { Retries = 1, InfraRetries = 1, LaunchRetries = 1 }) with
    {
        Timeout = TimeSpan.FromHours(1), QueuedTimeout = TimeSpan.FromHours(1),
    };

    /// <summary>The edges of task instances and of attempts.</summary>
    public static (IReadOnlySet<Edge<TaskState>> Tasks, IReadOnlySet<Edge<AttemptState>> Attempts) OfTasks()
    {
        var tasks = new HashSet<Edge<TaskState>>();
        var attempts = new HashSet<Edge<AttemptState>>();
        var seen = new HashSet<string>();
        var open = new Queue<TaskAggregate>([Life.Scheduled(Spec).State, AdmitReady(tasks)]);
        while (open.TryDequeue(out var state))
        {
            if (!seen.Add(Key(state))) continue;
            foreach (var (heard, @event) in EventsFor(state))
            {
                // What comes of an attempt that was told to stop, comes of that.
                var cause = @event is AttemptEvent and not Started && state.Live?.Stop is { } stop ? $"stopped by a {Names.Of(stop)}" : heard;
                var now = heard == "time" ? state.Row.WakeAt ?? Life.Midnight : Life.Midnight;
                var step = TaskMachine.Decide(state, @event, Context(now));
                step.Verdict.ShouldNotBe(Verdict.Illegal, $"{@event} in {Key(state)}");
                Note(tasks, state.Row.State, step, cause);
                if (state.Live is { } live) Note(attempts, live, step.Attempts.FirstOrDefault(attempt => attempt.Key == live.Key) ?? live, cause);
                open.Enqueue(step.After);
            }
        }

        tasks.UnionWith(BeforeAdmission());
        return (tasks, attempts);
    }

    /// <summary>The edges of runs. Those of a queued run, and a clear, are its coordinator's.</summary>
    public static IReadOnlySet<Edge<RunState>> OfRuns()
    {
        var edges = new HashSet<Edge<RunState>>
        {
            new(RunState.Queued, RunState.Running, "its turn"),
            new(RunState.Queued, RunState.Failed, "a map that cannot be expanded"),
            new(RunState.Queued, RunState.Cancelled, "cancel"),
        };
        foreach (var end in Enum.GetValues<RunState>().Where(state => state.IsFinished())) edges.Add(new(end, RunState.Queued, "clear"));
        foreach (var outcome in Enum.GetValues<TaskState>().Where(state => state.IsFinished()))
        {
            var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a")));
            var news = new[] { progress.Ended("a", outcome) };
            if (RunMachine.Decide(progress, news, false, (_, _) => WhenResult.Met, RunFacts.Now).End is { } end)
                edges.Add(new(RunState.Running, end, "the last leaf ends"));
            foreach (var (timedOut, cause) in new[] { (false, "cancel"), (true, "run_timeout") })
            {
                progress.Apply(progress.Run with { TimedOut = timedOut });
                if (RunMachine.OnCancelled(progress, news, TaskReason.Cancelled, RunFacts.Now).End is { } stopped)
                    edges.Add(new(RunState.Running, stopped, cause));
            }
        }

        return edges;
    }

    // What the run decides of instances that have not been admitted, or have finished.
    private static IEnumerable<Edge<TaskState>> BeforeAdmission()
    {
        yield return new(TaskState.None, TaskState.Scheduled, "ready, no room");
        foreach (var above in Enum.GetValues<TaskState>().Where(state => state.IsFinished()))
            foreach (var rule in Enum.GetValues<TriggerRule>())
                foreach (var when in new[] { new WhenResult(false), new WhenResult(null, "unknown name") })
                {
                    var below = RunFacts.Task("b a", rule) with { When = "asked" };
                    var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), below));
                    foreach (var settled in RunMachine.Decide(progress, [progress.Ended("a", above)], false, (_, _) => when, RunFacts.Now).Settled)
                        yield return new(TaskState.None, settled.State, settled.Reason == TaskReason.TriggerRule ? "trigger_rule" : "when");
                }

        var fresh = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("m") with { Map = RunFacts.Over(0) }));
        foreach (var settled in RunMachine.Decide(fresh, [], true, (_, _) => WhenResult.Met, RunFacts.Now).Settled)
            yield return new(TaskState.None, settled.State, "empty map");
        foreach (var skipped in RunMachine.OnCancelled(fresh, [], TaskReason.Cancelled, RunFacts.Now).Settled)
            yield return new(TaskState.None, skipped.State, "cancel");
        foreach (var end in Enum.GetValues<TaskState>())
        {
            fresh.Apply(fresh.Ended("a", end));
            foreach (var cleared in RunMachine.Clear(fresh, [0], null, onlyFailed: false)) yield return new(end, cleared.State, "clear");
        }
    }

    private static TaskAggregate AdmitReady(HashSet<Edge<TaskState>> edges)
    {
        var step = TaskMachine.AdmitReady(Life.Waiting(Spec).Row, Context(Life.Midnight));
        Note(edges, TaskState.None, step, "ready");
        return step.After;
    }

    private static IEnumerable<(string Cause, TaskEvent Event)> EventsFor(TaskAggregate state)
    {
        yield return ("admitted", new Admitted());
        yield return ("refused", new Refused(TaskReason.PoolFull, "no room"));
        yield return ("time", new Due());
        yield return ("cancel", new CancelRequested(TaskReason.Cancelled));
        if (state.Live is not { } live) yield break;
        var (epoch, uid, now) = (live.Key.Epoch, live.Uid, Life.Midnight);
        yield return ("pending", new Pending(epoch, uid, "no room"));
        yield return ("launch refused", new LaunchRefused(epoch, uid, "local", TaskReason.LaunchFailed, "no such program", Permanent: false));
        yield return ("started", new Started(epoch, uid, now, "local", null, null));
        yield return ("checkpoint", new CheckpointStored(epoch, uid, 1, "file:///c"));
        yield return ("lost", new Lost(epoch, uid, now, AttemptCause.NodeLost, "node gone", null));
        foreach (var (code, cause) in new[] { (0, "exit 0"), (1, "exit 1"), (75, "exit 75"), (99, "exit 99") })
            yield return (cause, new Exited(epoch, uid, now, "local", null, new ExitReport { ExitCode = code, At = now }));
    }

    private static void Note(HashSet<Edge<TaskState>> edges, TaskState from, TaskStep step, string cause)
    {
        foreach (var transition in step.Trail)
        {
            edges.Add(new(from, transition.State, transition.State == TaskState.Running ? "started" : cause));
            from = transition.State;
        }
    }

    // A short attempt is seen only once it has ended: it was running all the same.
    private static void Note(HashSet<Edge<AttemptState>> edges, Attempt before, Attempt after, string cause)
    {
        var hasRun = before.State == AttemptState.Dispatching && after.StartedAt is not null;
        if (hasRun) edges.Add(new(before.State, AttemptState.Running, "started"));
        var from = hasRun ? AttemptState.Running : before.State;
        if (from != after.State) edges.Add(new(from, after.State, cause));
    }

    private static TaskContext Context(DateTimeOffset now) =>
        new(new DagId("credit"), Spec, Life.Midnight, now, Guid.Empty);

    private static string Key(TaskAggregate state) => string.Join(' ', state.Row.State, state.Row.RetriesUsed, state.Row.InfraRetriesUsed,
        state.Row.LaunchRetriesUsed, state.Row.StartedAt is null, state.Row.WakeAt is null, state.Live?.State, state.Live?.Stop, state.Live?.Checkpoint);
}
