using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;

namespace OrleansFlow.Domain.Tasks;

/// <summary>What a machine made of an event.</summary>
public enum Verdict
{
    /// <summary>The state changes: commit, then the effects.</summary>
    Changed = 1,

    /// <summary>The event is known or changes nothing; its effects may be repeated.</summary>
    Unchanged = 2,

    /// <summary>The event is of an attempt that may no longer act: counted, and answered so.</summary>
    Stale = 3,

    /// <summary>The event cannot happen in this state: a defect.</summary>
    Illegal = 4,
}

/// <summary>A task instance with the attempt that is not finished, if there is one.</summary>
/// <param name="Row">The instance.</param>
/// <param name="Live">Its unfinished attempt.</param>
public sealed record TaskAggregate(TaskInstance Row, Attempt? Live);

/// <summary>What a decision needs to know beside state and event.</summary>
/// <param name="Dag">The DAG.</param>
/// <param name="Spec">The task as it was written.</param>
/// <param name="LogicalDate">The run's logical date.</param>
/// <param name="Now">The time, in whole microseconds.</param>
/// <param name="FreshUid">The identity of a new attempt, should there be one.</param>
public sealed record TaskContext(DagId Dag, TaskSpec Spec, DateTimeOffset LogicalDate, DateTimeOffset Now, Guid FreshUid);

/// <summary>Something to be done once the step is durable; doing it twice does no harm.</summary>
public abstract record TaskEffect;

/// <summary>Hand the attempt to its backend.</summary>
public sealed record LaunchAttempt(Attempt Attempt) : TaskEffect;

/// <summary>Tell the attempt to stop.</summary>
public sealed record StopAttempt(Attempt Attempt, StopReason Reason) : TaskEffect;

/// <summary>The end of the attempt is durable: the backend may forget it.</summary>
public sealed record ReleaseAttempt(Attempt Attempt) : TaskEffect;

/// <summary>The checkpoint is recorded, or was no news: the task need not wait for it any more.</summary>
public sealed record AcknowledgeCheckpoint(Attempt Attempt, long Number) : TaskEffect;

/// <summary>A change of state on the way, as it goes into the history.</summary>
/// <param name="State">The state entered.</param>
/// <param name="Reason">Why; null where there is nothing to tell.</param>
/// <param name="Epoch">The attempt it concerns; 0 when there was none yet.</param>
/// <param name="Detail">More in words.</param>
public sealed record Transition(TaskState State, TaskReason? Reason, int Epoch, string? Detail);

/// <summary>What a task machine decided: the new state, what belongs to it, and effects as data.</summary>
public sealed record TaskStep
{
    /// <summary>What became of the event.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The instance after the step.</summary>
    public required TaskInstance Task { get; init; }

    /// <summary>The unfinished attempt after the step.</summary>
    public Attempt? Live { get; init; }

    /// <summary>The attempts that changed, oldest first.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>The states gone through, in order.</summary>
    public IReadOnlyList<Transition> Trail { get; init; } = [];

    /// <summary>What is published with the step; null: nothing.</summary>
    public StagedOutputs? Publish { get; init; }

    /// <summary>A checkpoint to record.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>What to do after the commit.</summary>
    public IReadOnlyList<TaskEffect> Effects { get; init; } = [];

    /// <summary>The event changes nothing.</summary>
    public static TaskStep Nothing(TaskAggregate state, Verdict verdict = Verdict.Unchanged) =>
        new() { Verdict = verdict, Task = state.Row, Live = state.Live };

    /// <summary>Two steps, the second decided on the state after the first, as one.</summary>
    public static TaskStep Join(TaskStep first, TaskStep second)
    {
        if (second.Verdict is not Verdict.Changed) return first with { Effects = [.. first.Effects, .. second.Effects] };
        return second with
        {
            Attempts = [.. first.Attempts.Where(attempt => second.Attempts.All(later => later.Key != attempt.Key)), .. second.Attempts],
            Trail = [.. first.Trail, .. second.Trail],
            Publish = second.Publish ?? first.Publish,
            Checkpoint = second.Checkpoint ?? first.Checkpoint,
            Effects = [.. first.Effects, .. second.Effects],
        };
    }

    /// <summary>The state after the step.</summary>
    public TaskAggregate After => new(Task, Live);

    internal TaskStep Move(TaskState to, TaskReason reason, string? detail = null)
    {
        if (!TaskEdges.IsLegal(Task.State, to))
            throw new IllegalTransitionException($"{Task.Key}: {Task.State} -> {to}");
        return this with
        {
            Verdict = Verdict.Changed,
            Task = Task with { State = to, Reason = reason, Detail = detail },
            Trail = [.. Trail, new Transition(to, reason, Task.Epoch, detail)],
        };
    }

    internal TaskStep Why(TaskReason reason, string? detail) => this with
    {
        Verdict = Verdict.Changed,
        Task = Task with { Reason = reason, Detail = detail },
    };

    internal TaskStep WithAttempt(Attempt attempt)
    {
        if (Live is { } before && before.Key == attempt.Key && before.State != attempt.State
            && !TaskEdges.IsLegal(before.State, attempt.State))
            throw new IllegalTransitionException($"{attempt.Key}: {before.State} -> {attempt.State}");
        return this with
        {
            Verdict = Verdict.Changed,
            Live = attempt.State.IsFinished() ? null : attempt,
            Attempts = [.. Attempts.Where(other => other.Key != attempt.Key), attempt],
        };
    }

    internal TaskStep Then(TaskEffect effect) => this with { Effects = [.. Effects, effect] };
}

/// <summary>A machine was asked for an edge that is not in the tables.</summary>
internal sealed class IllegalTransitionException(string message) : Exception(message);
