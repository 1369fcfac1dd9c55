using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>From an admission to the start.</summary>
public class TaskLaunchTests
{
    [Fact]
    public void Admission_CommitsTheIntent_BeforeTheLaunch()
    {
        var life = Life.Scheduled();
        var step = life.Do(new Admitted());

        life.Row.State.ShouldBe(TaskState.Queued);
        life.Row.Reason.ShouldBe(TaskReason.Dispatching);
        (life.Row.Epoch, life.Row.Fence).ShouldBe((1, 0));
        life.Live.State.ShouldBe(AttemptState.Dispatching);
        life.Live.CreatedAt.ShouldBe(Life.Midnight);
        step.Attempts.ShouldBe([life.Live]);
        step.Effects.ShouldBe([new LaunchAttempt(life.Live)]);
    }

    [Fact]
    public void AReadyInstance_IsQueuedInOneStep()
    {
        var spec = Life.Task() with { QueuedTimeout = TimeSpan.FromHours(1) };
        var life = Life.Waiting(spec);
        var step = TaskMachine.AdmitReady(life.Row, life.Context);
        life.Keep(step);
        step.Trail.Select(transition => transition.State).ShouldBe([TaskState.Queued]);
        life.Row.ScheduledAt.ShouldBe(Life.Midnight);
        life.Row.WakeAt.ShouldBe(Life.Midnight + TimeSpan.FromHours(1));
        step.Effects.ShouldBe([new LaunchAttempt(life.Live)]);
    }

    [Fact]
    public void ARefusedAdmission_SaysWhy_Once()
    {
        var life = Life.Scheduled();
        var refused = new Refused(TaskReason.LimitReached, "global has 0 of 4 slots left");
        life.Do(refused).Verdict.ShouldBe(Verdict.Changed);
        life.Row.State.ShouldBe(TaskState.Scheduled);
        (life.Row.Reason, life.Row.Detail).ShouldBe((refused.Reason, refused.Detail));
        life.Do(refused).Verdict.ShouldBe(Verdict.Unchanged);
    }

    [Fact]
    public void Start_MovesTheFence_AndSetsTheDeadline()
    {
        var life = Life.Queued(Life.Task() with { Timeout = TimeSpan.FromHours(2) });
        life.Do(life.Started());
        life.Row.State.ShouldBe(TaskState.Running);
        life.Row.Reason.ShouldBe(TaskReason.Executing);
        (life.Row.Epoch, life.Row.Fence).ShouldBe((1, 1));
        life.Row.StartedAt.ShouldBe(Life.Midnight);
        life.Row.WakeAt.ShouldBe(Life.Midnight + TimeSpan.FromHours(2));
        (life.Live.Backend, life.Live.Node, life.Live.Evidence).ShouldBe(("local", "node-1", """{"pid":7}"""));
    }

    [Fact]
    public void ARepeatedStart_ChangesNothing()
    {
        var life = Life.Running();
        life.Later(TimeSpan.FromSeconds(9));
        life.Do(life.Started()).Verdict.ShouldBe(Verdict.Unchanged);
        life.Row.StartedAt.ShouldBe(Life.Midnight);
    }

    [Fact]
    public void ARefusedLaunch_IsTriedAgain_AfterAWhile_UntilTheBudgetIsSpent()
    {
        var life = Life.Queued(Life.Task(retry => retry with { LaunchRetries = 2, Retries = 5 }));
        foreach (var seconds in new[] { 1, 2 })
        {
            life.Do(life.LaunchRefused()).Effects.ShouldBeEmpty();
            life.Row.State.ShouldBe(TaskState.Queued);
            life.Row.Reason.ShouldBe(TaskReason.LaunchFailed);
            life.Row.Detail.ShouldBe("no such program");
            life.Row.WakeAt.ShouldBe(life.Now + TimeSpan.FromSeconds(seconds));
            life.State.Live.ShouldBeNull();
            life.Later(TimeSpan.FromSeconds(seconds));
            life.Do(new Due()).Effects.ShouldBe([new LaunchAttempt(life.Live)]);
        }

        life.Do(life.LaunchRefused());
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.LaunchFailed);
        life.Row.Detail.ShouldBe("no such program");
        (life.Row.Epoch, life.Row.LaunchRetriesUsed, life.Row.RetriesUsed).ShouldBe((3, 2, 0));
        life.Attempts.Values.ShouldAllBe(attempt => attempt.State == AttemptState.Lost && attempt.Cause == AttemptCause.Launch);
    }

    [Theory]
    [InlineData(TaskReason.LaunchFailed)]
    [InlineData(TaskReason.Unresolved)]
    public void APermanentRefusal_FailsAtOnce_AndIsChargedToNothing(TaskReason reason)
    {
        var life = Life.Queued(Life.Task(retry => retry with { LaunchRetries = 3, Retries = 5 }));
        life.Do(life.LaunchRefused(permanent: true) with { Reason = reason });
        (life.Row.State, life.Row.Reason, life.Row.Detail).ShouldBe((TaskState.Failed, reason, "no such program"));
        (life.Row.Epoch, life.Row.LaunchRetriesUsed, life.Row.RetriesUsed, life.Row.WakeAt).ShouldBe((1, 0, 0, null));
        life.Row.Unreported.ShouldBeTrue();
    }

    [Fact]
    public void ARefusedRepeatOfALaunch_DoesNotTouchAnAttemptThatRuns()
    {
        var life = Life.Running();
        var before = life.State;
        life.Do(life.LaunchRefused()).Verdict.ShouldBe(Verdict.Unchanged);
        life.State.ShouldBe(before);
    }

    [Fact]
    public void AWaitForCapacity_SaysWhat_Once_AndNotOfAnAttemptThatRuns()
    {
        var life = Life.Queued();
        life.Do(life.Pending());
        life.Row.State.ShouldBe(TaskState.Queued);
        (life.Row.Reason, life.Row.Detail).ShouldBe((TaskReason.AwaitingCapacity, "no room"));
        life.Do(life.Pending()).Verdict.ShouldBe(Verdict.Unchanged);

        life.Do(life.Started());
        life.Do(life.Pending()).Verdict.ShouldBe(Verdict.Unchanged);
        life.Row.Reason.ShouldBe(TaskReason.Executing);
    }

    [Fact]
    public void AWaitForCapacity_DoesNotHideThatTheAttemptIsToStop()
    {
        var life = Life.Queued();
        life.Do(new CancelRequested(TaskReason.Cancelled));
        var step = life.Do(life.Pending());
        step.Verdict.ShouldBe(Verdict.Unchanged);
        step.Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)], "the first word may have come before the launch");
        life.Row.Reason.ShouldBe(TaskReason.Stopping);
    }

    [Fact]
    public void AfterARestart_TheUnfinishedAttempt_IsLaunchedOrStoppedAgain()
    {
        TaskMachine.PendingEffects(Life.Scheduled().State).ShouldBeEmpty();
        var life = Life.Queued();
        TaskMachine.PendingEffects(life.State).ShouldBe([new LaunchAttempt(life.Live)]);
        life.Do(life.Started());
        TaskMachine.PendingEffects(life.State).ShouldBeEmpty("what runs is found again by its backend");
        life.Do(new CancelRequested(TaskReason.Cancelled));
        TaskMachine.PendingEffects(life.State).ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Do(life.Exited(143));
        TaskMachine.PendingEffects(life.State).ShouldBeEmpty();
    }
}
