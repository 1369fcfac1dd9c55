using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Retries;

namespace OrleansFlow.Domain.Tasks;

/// <summary>
/// The life of a task instance from its admission to its end: <c>(state, event, context) -> step</c>. Pure. What comes before
/// (waiting for dependencies) and after (clear) belongs to the run.
/// </summary>
public static class TaskMachine
{
    /// <summary>Decides what an event makes of a task instance. Thread-safe; never throws for what an event says.</summary>
    public static TaskStep Decide(TaskAggregate state, TaskEvent @event, TaskContext context)
    {
        var step = TaskStep.Nothing(state);
        try
        {
            return @event switch
            {
                AttemptEvent of when state.Live is not { } live || of.Epoch != live.Key.Epoch || of.Uid != live.Uid => Late(state, of),
                Admitted => Admit(step, context),
                Refused refused => Wait(step, refused, context),
                Due => AtTime(step, context),
                CancelRequested cancel => Cancel(step, cancel.Reason, context),
                LaunchRefused refused => RefuseLaunch(step, refused, context),
                Pending pending => Await(step, pending),
                Started started => Start(step, started, context),
                Exited exited => Exit(step, exited, context),
                Lost lost => Lose(step, lost, context),
                CheckpointStored checkpoint => Save(step, checkpoint),
                _ => TaskStep.Nothing(state, Verdict.Illegal),
            };
        }
        catch (IllegalTransitionException)
        {
            return TaskStep.Nothing(state, Verdict.Illegal);
        }
    }

    /// <summary>The first attempt of an instance whose run makes it ready and has room for it: the same step as an admission.</summary>
    public static TaskStep AdmitReady(TaskInstance none, TaskContext context) =>
        Dispatch(TaskStep.Nothing(new TaskAggregate(none with { ScheduledAt = context.Now }, null)), context);

    /// <summary>What a host that takes over must do again for an instance as it stands; all of it may have been done already.</summary>
    public static IReadOnlyList<TaskEffect> PendingEffects(TaskAggregate state) => state.Live switch
    {
        { Stop: { } reason } live => [new StopAttempt(live, reason)],
        { State: AttemptState.Dispatching } live => [new LaunchAttempt(live)],
        _ => [],
    };

    // Word of an attempt that is not the live one. If it has ended it may be forgotten; if it has not, it has no business any more.
    private static TaskStep Late(TaskAggregate state, AttemptEvent @event)
    {
        var attempt = new Attempt
        {
            Key = new AttemptKey(state.Row.Key, @event.Epoch), Uid = @event.Uid, CreatedAt = default, State = AttemptState.Superseded,
        };
        var stale = TaskStep.Nothing(state, Verdict.Stale);
        return @event switch
        {
            Exited or Lost => stale.Then(new ReleaseAttempt(attempt)),
            Started or Pending => stale.Then(new StopAttempt(attempt, StopReason.Cancel)),
            _ => stale,
        };
    }

    private static TaskStep Admit(TaskStep step, TaskContext context) =>
        step.Task.State == TaskState.Scheduled ? Dispatch(step, context) : step;

    private static TaskStep Dispatch(TaskStep step, TaskContext context, TaskReason reason = TaskReason.Dispatching, string? detail = null)
    {
        var attempt = new Attempt
        {
            Key = new AttemptKey(step.Task.Key, step.Task.Epoch + 1),
            Uid = context.FreshUid,
            CreatedAt = context.Now,
        };
        step = step with { Task = step.Task with { Epoch = attempt.Key.Epoch, WakeAt = QueueDeadline(step.Task, context) } };
        step = step.Task.State == TaskState.Queued ? step.Why(reason, detail) : step.Move(TaskState.Queued, reason, detail);
        return step.WithAttempt(attempt).Then(new LaunchAttempt(attempt));
    }

    private static TaskStep Wait(TaskStep step, Refused refused, TaskContext context)
    {
        if (step.Task.State != TaskState.Scheduled) return step;
        if (step.Task.Reason == refused.Reason && step.Task.Detail == refused.Detail) return step;
        return step.Why(refused.Reason, refused.Detail) with
        {
            Task = step.Task with { Reason = refused.Reason, Detail = refused.Detail, WakeAt = QueueDeadline(step.Task, context) },
        };
    }

    private static TaskStep AtTime(TaskStep step, TaskContext context)
    {
        var task = step.Task;
        if (task.WakeAt is not { } due || due > context.Now) return step;
        return task.State switch
        {
            TaskState.UpForRetry => (step with { Task = task with { WakeAt = null } }).Move(TaskState.Scheduled, TaskReason.PoolFull),
            TaskState.Scheduled => Fail(step, TaskReason.QueuedTimeout, QueuedTooLong(context), context.Now),
            TaskState.Queued when step.Live is null => Dispatch(step, context),
            TaskState.Queued => Stop(step, StopReason.Timeout, QueuedTooLong(context), context),
            TaskState.Running => Stop(step, StopReason.Timeout, $"ran longer than its timeout of {Duration.Format(context.Spec.Timeout.GetValueOrDefault())}", context),
            _ => step with { Verdict = Verdict.Changed, Task = task with { WakeAt = null } },
        };
    }

    private static TaskStep Cancel(TaskStep step, TaskReason reason, TaskContext context) => step.Task.State switch
    {
        TaskState.None => step with { Verdict = Verdict.Illegal },
        var finished when finished.IsFinished() => step,
        _ when step.Live is not null => Stop(step, reason == TaskReason.RunTimeout ? StopReason.RunTimeout : StopReason.Cancel, Names.Of(reason), context),
        _ => EndCancelled(step, reason, context.Now),
    };

    private static TaskStep EndCancelled(TaskStep step, TaskReason reason, DateTimeOffset at) => step.Task.StartedAt is null
        ? End(step.Move(TaskState.Skipped, reason), at)
        : Fail(step, reason, null, at);

    // A cancel overtakes a timeout, nothing else overtakes anything. Stopping is asked for again, in case the first word was lost with a host, until the end is observed.
    private static TaskStep Stop(TaskStep step, StopReason reason, string detail, TaskContext context)
    {
        var live = step.Live!;
        var again = context.Now + context.Spec.GracePeriod + TimeSpan.FromSeconds(30);
        if (live.Stop is { } told && (told != StopReason.Timeout || reason == StopReason.Timeout))
            return (step with { Verdict = Verdict.Changed, Task = step.Task with { WakeAt = again } }).Then(new StopAttempt(live, live.Stop.Value));
        live = live with { Stop = reason };
        return (step.WithAttempt(live) with
        {
            Task = step.Task with { Reason = TaskReason.Stopping, Detail = detail, WakeAt = again },
        }).Then(new StopAttempt(live, reason));
    }

    // Word that comes after the start, or says nothing new, changes nothing. Waiting for room is not failing: queued_timeout stops. What is
    // to stop and waits may not have heard of it: the stop came before the launch.
    private static TaskStep Await(TaskStep step, Pending pending)
    {
        var live = step.Live!;
        if (live.State != AttemptState.Dispatching) return step;
        if (live.Stop is { } told) return step.Then(new StopAttempt(live, told));
        if (step.Task.Reason == TaskReason.AwaitingCapacity && step.Task.Detail == pending.Detail) return step;
        step = step.Why(TaskReason.AwaitingCapacity, pending.Detail);
        return step with { Task = step.Task with { WakeAt = null } };
    }

    private static TaskStep RefuseLaunch(TaskStep step, LaunchRefused refused, TaskContext context)
    {
        var live = step.Live!;
        if (live.State != AttemptState.Dispatching) return step;
        step = step.WithAttempt(Ended(live, AttemptState.Lost, AttemptCause.Launch, context.Now) with { Backend = refused.Backend });
        if (live.Stop is not null) return EndStopped(step, live.Stop.Value, context.Now, context);
        var used = step.Task.LaunchRetriesUsed;
        if (refused.Permanent || used >= context.Spec.Retry.LaunchRetries)
            return Fail(step, refused.Reason, refused.Message, context.Now);
        var wake = context.Now + Backoff.LaunchDelay(used + 1);
        return step.Why(TaskReason.LaunchFailed, refused.Message) is var waiting
            ? waiting with { Task = waiting.Task with { LaunchRetriesUsed = used + 1, WakeAt = wake } }
            : step;
    }

    private static TaskStep Start(TaskStep step, Started started, TaskContext context)
    {
        var live = step.Live!;
        if (live.State == AttemptState.Running) return step;
        var attempt = live with
        {
            State = AttemptState.Running, StartedAt = started.At, Backend = started.Backend, Node = started.Node, Evidence = started.Evidence,
        };
        step = step.WithAttempt(attempt).Move(TaskState.Running, live.Stop is null ? TaskReason.Executing : TaskReason.Stopping);
        step = step with
        {
            Task = step.Task with
            {
                StartedAt = step.Task.StartedAt ?? started.At,
                Fence = attempt.Key.Epoch,
                WakeAt = live.Stop is null ? started.At + context.Spec.Timeout : step.Task.WakeAt,
            },
        };
        return live.Stop is { } reason ? step.Then(new StopAttempt(attempt, reason)) : step;
    }

    private static TaskStep Exit(TaskStep step, Exited exited, TaskContext context)
    {
        step = Start(step, new Started(exited.Epoch, exited.Uid, exited.StartedAt, exited.Backend, exited.Node, step.Live!.Evidence), context);
        step = step with { Effects = [] };
        var exit = exited.Exit;
        var cause = FailureJudge.CauseOf(step.Live!, exit, context.Spec.Retry);
        var outcome = cause switch
        {
            null => AttemptState.Succeeded,
            AttemptCause.Cancelled => AttemptState.Cancelled,
            AttemptCause.Stopped => AttemptState.Lost,
            _ => AttemptState.Failed,
        };
        var stop = step.Live!.Stop;
        var progressed = step.Live.Checkpoint is not null;
        var attempt = Ended(step.Live, outcome, cause, exit.At) with
        {
            ExitCode = exit.ExitCode, Evidence = exit.Evidence ?? step.Live.Evidence,
        };
        step = step.WithAttempt(attempt).Then(new ReleaseAttempt(attempt));
        return cause switch
        {
            null when exit.ExitCode == 0 =>
                End(step.Move(TaskState.Success, TaskReason.Completed) with { Publish = exit.Outputs ?? StagedOutputs.None }, exit.At),
            null => End(step.Move(TaskState.Skipped, TaskReason.SkipExitCode, $"exit code {exit.ExitCode}"), exit.At),
            AttemptCause.Cancelled => EndStopped(step, stop!.Value, exit.At, context),
            AttemptCause.Stopped => Replace(step, cause.Value, $"exit code {exit.ExitCode}: run again", progressed, exit.At, context),
            _ => Retry(step, cause.Value, exit, context),
        };
    }

    private static TaskStep Lose(TaskStep step, Lost lost, TaskContext context)
    {
        var live = step.Live!;
        var cause = live.Stop switch
        {
            StopReason.Timeout => AttemptCause.Timeout,
            not null => AttemptCause.Cancelled,
            null => lost.Cause,
        };
        var state = cause == AttemptCause.Cancelled ? AttemptState.Cancelled : AttemptState.Lost;
        var attempt = Ended(live, state, cause, lost.At) with { Evidence = lost.Evidence ?? live.Evidence };
        step = step.WithAttempt(attempt).Then(new ReleaseAttempt(attempt));
        return live.Stop is { } stop
            ? EndStopped(step, stop, lost.At, context)
            : Replace(step, cause, lost.Detail, live.Checkpoint is not null, lost.At, context);
    }

    // An attempt that was told to stop has ended, without an exit that says more.
    private static TaskStep EndStopped(TaskStep step, StopReason stop, DateTimeOffset at, TaskContext context) => (stop, step.Task.StartedAt) switch
    {
        (StopReason.Timeout, null) => Fail(step, TaskReason.QueuedTimeout, QueuedTooLong(context), at),
        (StopReason.Timeout, _) => Retry(step, AttemptCause.Timeout, null, context with { Now = at }),
        (StopReason.RunTimeout, _) => EndCancelled(step, TaskReason.RunTimeout, at),
        _ => EndCancelled(step, TaskReason.Cancelled, at),
    };

    // Losing a node is not failing: a new attempt at once, at the cost of a budget of its own - or of nothing, after progress.
    private static TaskStep Replace(
        TaskStep step, AttemptCause cause, string detail, bool progressed, DateTimeOffset at, TaskContext context)
    {
        var task = step.Task;
        var exhausted = cause == AttemptCause.Unknown
            ? task.UnknownRetriesUsed >= RetryPolicy.UnknownRetries
            : task.InfraRetriesUsed >= context.Spec.Retry.InfraRetries;
        if (exhausted && !progressed)
            return Fail(step, TaskReason.InfraLost, $"{detail}; no {(cause == AttemptCause.Unknown ? "retries after unexplained losses" : "infra_retries")} left", at);
        var charge = progressed ? 0 : 1;
        step = step with
        {
            Task = cause == AttemptCause.Unknown
                ? task with { UnknownRetriesUsed = task.UnknownRetriesUsed + charge }
                : task with { InfraRetriesUsed = task.InfraRetriesUsed + charge },
        };
        return Dispatch(step, context, TaskReason.InfraLost, detail);
    }

    private static TaskStep Retry(TaskStep step, AttemptCause cause, ExitReport? exit, TaskContext context)
    {
        var policy = context.Spec.Retry;
        var at = exit?.At ?? context.Now;
        var (reason, detail) = Explain(cause, exit, context);
        if (!FailureJudge.MayRetry(policy, cause, exit?.ExitCode, exit?.ErrorClass))
            return Fail(step, reason, $"{detail}; the task's rules do not retry this", at);
        if (step.Task.RetriesUsed >= policy.Retries) return Fail(step, reason, detail, at);
        var retry = step.Task.RetriesUsed + 1;
        var wake = at + Backoff.Delay(policy, context.Dag, step.Task.Key, context.LogicalDate, retry);
        return step.Move(TaskState.UpForRetry, reason, detail) is var waiting
            ? waiting with { Task = waiting.Task with { RetriesUsed = retry, WakeAt = wake } }
            : step;
    }

    private static (TaskReason Reason, string Detail) Explain(AttemptCause cause, ExitReport? exit, TaskContext context) => cause switch
    {
        AttemptCause.Timeout => (TaskReason.Timeout, $"ran longer than its timeout of {Duration.Format(context.Spec.Timeout.GetValueOrDefault())}"),
        AttemptCause.Oom => (TaskReason.Oom, "killed for using too much memory: raise its memory limit"),
        _ when exit?.OutputProblem is { } problem => (TaskReason.Outputs, problem),
        _ => (TaskReason.ExitCode, $"exit code {exit?.ExitCode}"),
    };

    private static TaskStep Save(TaskStep step, CheckpointStored stored)
    {
        if (step.Live!.Checkpoint >= stored.Number) return step;
        return step.WithAttempt(step.Live with { Checkpoint = stored.Number }) with
        {
            Checkpoint = new Checkpoint(step.Task.Key, stored.Epoch, stored.Number, stored.Uri),
        };
    }

    private static TaskStep Fail(TaskStep step, TaskReason reason, string? detail, DateTimeOffset at) =>
        End(step.Move(TaskState.Failed, reason, detail), at);

    private static TaskStep End(TaskStep step, DateTimeOffset at) =>
        step with { Task = step.Task with { EndedAt = at, WakeAt = null, Unreported = true } };

    private static Attempt Ended(Attempt attempt, AttemptState state, AttemptCause? cause, DateTimeOffset at) =>
        attempt with { State = state, Cause = cause, EndedAt = at };

    private static DateTimeOffset? QueueDeadline(TaskInstance task, TaskContext context) =>
        task.StartedAt is null ? task.ScheduledAt + context.Spec.QueuedTimeout : null;

    private static string QueuedTooLong(TaskContext context) => $"waited longer than its queued_timeout of {Duration.Format(context.Spec.QueuedTimeout.GetValueOrDefault())}";
}
