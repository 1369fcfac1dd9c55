using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>A cancel in every state.</summary>
public class TaskCancelTests
{
    private static readonly CancelRequested Cancel = new(TaskReason.Cancelled);

    [Fact]
    public void AWaiter_IsSkippedAtOnce()
    {
        var life = Life.Scheduled();
        life.Do(Cancel).Effects.ShouldBeEmpty();
        life.Row.State.ShouldBe(TaskState.Skipped);
        life.Row.Reason.ShouldBe(TaskReason.Cancelled);
        life.Row.Unreported.ShouldBeTrue();
        life.Row.EndedAt.ShouldBe(life.Now);
    }

    [Fact]
    public void ARunTimeout_IsNamed()
    {
        var life = Life.Scheduled();
        life.Do(new CancelRequested(TaskReason.RunTimeout));
        life.Row.Reason.ShouldBe(TaskReason.RunTimeout);
    }

    [Fact]
    public void ARunningTask_StoppedByARunTimeout_FailsForThatReason()
    {
        var life = Life.Running();
        life.Do(new CancelRequested(TaskReason.RunTimeout)).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.RunTimeout)]);
        life.Do(Cancel);
        life.Live.Stop.ShouldBe(StopReason.RunTimeout);
        life.Do(life.Lost());
        (life.Row.State, life.Row.Reason).ShouldBe((TaskState.Failed, TaskReason.RunTimeout));
    }

    [Fact]
    public void ADispatchedAttempt_IsStopped_AndTheTaskSkipped_WhenThatIsSeen()
    {
        var life = Life.Queued();
        life.Do(Cancel).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Row.State.ShouldBe(TaskState.Queued);
        life.Do(life.Lost());
        life.Row.State.ShouldBe(TaskState.Skipped);
        life.Attempts[1].State.ShouldBe(AttemptState.Cancelled);
    }

    [Fact]
    public void AnAttempt_StoppedBeforeItsCommandStarted_LeavesTheTaskUnstarted()
    {
        var life = Life.Queued(Life.Task(retry => retry with { Retries = 5 }));
        life.Do(life.Pending());
        life.Do(Cancel);
        life.Do(life.Lost(AttemptCause.Stopped)).Trail.Select(transition => transition.State).ShouldBe([TaskState.Skipped]);
        (life.Row.State, life.Row.Reason, life.Row.StartedAt).ShouldBe((TaskState.Skipped, TaskReason.Cancelled, null));
        (life.Attempts[1].State, life.Attempts[1].StartedAt, life.Attempts[1].ExitCode).ShouldBe((AttemptState.Cancelled, null, null));
        (life.Row.RetriesUsed, life.Row.InfraRetriesUsed).ShouldBe((0, 0));
    }

    [Fact]
    public void ADispatchedAttempt_WhoseLaunchIsRefused_IsNotLaunchedAgain()
    {
        var life = Life.Queued();
        life.Do(Cancel);
        life.Do(life.LaunchRefused());
        life.Row.State.ShouldBe(TaskState.Skipped);
    }

    [Fact]
    public void AnAttempt_ThatStartsAfterTheCancel_IsStoppedAgain()
    {
        var life = Life.Queued(Life.Task() with { Timeout = TimeSpan.FromHours(1) });
        life.Do(Cancel);
        var again = life.Row.WakeAt;
        life.Do(life.Started()).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Row.State.ShouldBe(TaskState.Running);
        life.Row.Reason.ShouldBe(TaskReason.Stopping);
        life.Row.WakeAt.ShouldBe(again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(75)]
    [InlineData(99)]
    [InlineData(143)]
    public void ARunningAttempt_IsStopped_AndTheTaskFailed_WhateverItsExitCode(int code)
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 5 }));
        life.Do(Cancel).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Row.State.ShouldBe(TaskState.Running);
        life.Do(life.Exited(code)).Publish.ShouldBeNull();
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.Cancelled);
        life.Attempts[1].State.ShouldBe(AttemptState.Cancelled);
        life.Row.RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void ALossAfterTheCancel_IsNotReplaced()
    {
        var life = Life.Running();
        life.Do(Cancel);
        life.Do(life.Lost());
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.Cancelled);
        life.Row.InfraRetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void AWaitForARetry_Ends_AsFailed()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }));
        life.Do(life.Exited(1));
        life.Do(Cancel);
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.Cancelled);
        life.Row.WakeAt.ShouldBeNull();
    }

    [Fact]
    public void AWaitForALaunch_Ends_AsSkipped()
    {
        var life = Life.Queued();
        life.Do(life.LaunchRefused());
        life.Do(Cancel);
        life.Row.State.ShouldBe(TaskState.Skipped);
        life.Row.WakeAt.ShouldBeNull();
    }

    [Fact]
    public void ACancel_OvertakesATimeout_SoThatNothingIsTriedAgain()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 5 }) with { Timeout = TimeSpan.FromHours(1) });
        life.Later(TimeSpan.FromHours(1));
        life.Do(new Due());
        life.Do(Cancel).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Do(life.Exited(143));
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.Cancelled);
    }

    [Fact]
    public void ATimeout_DoesNotOvertakeACancel()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 5 }));
        life.Do(Cancel);
        life.Now = life.Row.WakeAt!.Value;
        life.Do(new Due()).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Cancel)]);
        life.Live.Stop.ShouldBe(StopReason.Cancel);
    }

    [Fact]
    public void ASecondCancel_OnlyRepeatsTheStop()
    {
        var life = Life.Running();
        life.Do(Cancel);
        var live = life.Live;
        life.Do(Cancel).Effects.ShouldBe([new StopAttempt(live, StopReason.Cancel)]);
        life.Live.ShouldBe(live);
    }

    [Fact]
    public void AFinishedTask_IsLeftAlone()
    {
        var life = Life.Running();
        life.Do(life.Exited(0));
        var before = life.State;
        life.Do(Cancel).Verdict.ShouldBe(Verdict.Unchanged);
        life.State.ShouldBe(before);
    }

    [Fact]
    public void AnInstanceThatWaitsForItsDependencies_BelongsToTheRun() =>
        Life.Waiting().Do(Cancel).Verdict.ShouldBe(Verdict.Illegal);
}
