using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>Deadlines: of an attempt, and of the wait before the first.</summary>
public class TaskTimeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void ATimer_ThatIsEarly_ChangesNothing()
    {
        var life = Life.Running(Life.Task() with { Timeout = Hour });
        life.Later(Hour - TimeSpan.FromTicks(10));
        life.Do(new Due()).Verdict.ShouldBe(Verdict.Unchanged);
    }

    [Fact]
    public void Timeout_StopsTheAttempt_AndTheEndIsARetry()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }) with { Timeout = Hour });
        life.Later(Hour);
        life.Do(new Due()).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Timeout)]);
        life.Row.State.ShouldBe(TaskState.Running);
        life.Row.Reason.ShouldBe(TaskReason.Stopping);
        life.Row.WakeAt.ShouldBe(life.Now + TimeSpan.FromSeconds(60), "the grace period, and as long again");

        life.Do(life.Exited(143));
        life.Row.State.ShouldBe(TaskState.UpForRetry);
        life.Row.Reason.ShouldBe(TaskReason.Timeout);
        life.Row.RetriesUsed.ShouldBe(1);
        life.Attempts[1].Cause.ShouldBe(AttemptCause.Timeout);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(75)]
    [InlineData(99)]
    public void AnExit_AfterTheTimeout_IsATimeout_WhateverItsCode(int code)
    {
        var life = Life.Running(Life.Task() with { Timeout = Hour });
        life.Later(Hour);
        life.Do(new Due());
        life.Do(life.Exited(code)).Publish.ShouldBeNull();
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.Timeout);
    }

    [Fact]
    public void ALoss_AfterTheTimeout_IsATimeout()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }) with { Timeout = Hour });
        life.Later(Hour);
        life.Do(new Due());
        life.Do(life.Lost());
        life.Row.State.ShouldBe(TaskState.UpForRetry);
        (life.Row.RetriesUsed, life.Row.InfraRetriesUsed).ShouldBe((1, 0));
    }

    [Fact]
    public void AStop_IsAskedForAgain_UntilTheEndIsSeen()
    {
        var life = Life.Running(Life.Task() with { Timeout = Hour });
        life.Later(Hour);
        life.Do(new Due());
        for (var i = 0; i < 3; i++)
        {
            life.Now = life.Row.WakeAt!.Value;
            life.Do(new Due()).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Timeout)]);
            life.Row.WakeAt!.Value.ShouldBeGreaterThan(life.Now);
        }
    }

    [Fact]
    public void QueuedTimeout_OfAWaiter_Fails()
    {
        var life = Life.Scheduled(Life.Task() with { QueuedTimeout = Hour });
        life.Later(Hour);
        life.Do(new Due());
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.QueuedTimeout);
    }

    [Fact]
    public void QueuedTimeout_SurvivesARefusal_AndAnAdmission()
    {
        var life = Life.Scheduled(Life.Task() with { QueuedTimeout = Hour });
        life.Later(TimeSpan.FromMinutes(30));
        life.Do(new Refused(TaskReason.LimitReached, "run/x has 0 of 1 slots left"));
        life.Row.WakeAt.ShouldBe(Life.Midnight + Hour);
        life.Do(new Admitted());
        life.Row.WakeAt.ShouldBe(Life.Midnight + Hour);
    }

    [Fact]
    public void QueuedTimeout_OfADispatchedAttempt_StopsItFirst_AndFailsWithoutRetry()
    {
        var life = Life.Queued(Life.Task(retry => retry with { Retries = 3 }) with { QueuedTimeout = Hour });
        life.Later(Hour);
        life.Do(new Due()).Effects.ShouldBe([new StopAttempt(life.Live, StopReason.Timeout)]);
        life.Row.State.ShouldBe(TaskState.Queued);
        life.Do(life.Lost(AttemptCause.Stopped));
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.QueuedTimeout);
        (life.Row.StartedAt, life.Row.RetriesUsed, life.Row.InfraRetriesUsed).ShouldBe((null, 0, 0));
    }

    [Fact]
    public void QueuedTimeout_DoesNotCountAWaitForCapacity()
    {
        var life = Life.Queued(Life.Task() with { QueuedTimeout = Hour });
        life.Do(life.Pending());
        life.Later(10 * Hour);
        life.Do(new Due());
        life.Row.State.ShouldBe(TaskState.Queued);
        life.Live.Stop.ShouldBeNull();
    }

    [Fact]
    public void QueuedTimeout_IsOver_OnceTheTaskHasRun()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }) with { QueuedTimeout = Hour });
        life.Row.WakeAt.ShouldBeNull();
        life.Do(life.Exited(1));
        life.Later(2 * Hour);
        life.Do(new Due());
        life.Row.State.ShouldBe(TaskState.Scheduled);
        life.Row.WakeAt.ShouldBeNull();
        life.Do(new Admitted());
        life.Row.WakeAt.ShouldBeNull();
    }
}
