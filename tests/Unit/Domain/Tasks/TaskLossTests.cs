using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>Losing a node is not failing.</summary>
public class TaskLossTests
{
    [Theory]
    [InlineData(AttemptCause.Preempted, 1, 0)]
    [InlineData(AttemptCause.NodeLost, 1, 0)]
    [InlineData(AttemptCause.HostLost, 1, 0)]
    [InlineData(AttemptCause.Stopped, 1, 0)]
    [InlineData(AttemptCause.Unknown, 0, 1)]
    public void ALoss_IsReplacedAtOnce_AndChargedToItsBudget(AttemptCause cause, int infra, int unknown)
    {
        var life = Life.Running();
        var step = life.Do(life.Lost(cause));

        life.Row.State.ShouldBe(TaskState.Queued);
        life.Row.Reason.ShouldBe(TaskReason.InfraLost);
        life.Row.RetriesUsed.ShouldBe(0);
        life.Row.InfraRetriesUsed.ShouldBe(infra);
        life.Row.UnknownRetriesUsed.ShouldBe(unknown);
        life.Attempts[1].State.ShouldBe(AttemptState.Lost);
        life.Attempts[1].Cause.ShouldBe(cause);
        life.Attempts[2].State.ShouldBe(AttemptState.Dispatching);
        step.Effects.ShouldBe([new ReleaseAttempt(life.Attempts[1]), new LaunchAttempt(life.Attempts[2])]);
    }

    [Fact]
    public void TheReplacement_MovesTheFence_OnlyWhenItStarts()
    {
        var life = Life.Running();
        life.Do(life.Lost());
        (life.Row.Epoch, life.Row.Fence).ShouldBe((2, 1));
        life.Do(life.Started());
        (life.Row.Epoch, life.Row.Fence).ShouldBe((2, 2));
    }

    [Fact]
    public void ALossBeforeTheStart_IsReplacedToo()
    {
        var life = Life.Queued();
        var step = life.Do(life.Lost());
        life.Row.State.ShouldBe(TaskState.Queued);
        life.Live.Key.Epoch.ShouldBe(2);
        step.Trail.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AttemptCause.Preempted, 2)]
    [InlineData(AttemptCause.Unknown, RetryPolicy.UnknownRetries)]
    public void ASpentBudget_FailsTheTask(AttemptCause cause, int budget)
    {
        var life = Life.Running(Life.Task(retry => retry with { InfraRetries = 2, Retries = 7 }));
        for (var i = 0; i < budget; i++)
        {
            life.Do(life.Lost(cause));
            life.Do(life.Started());
        }

        life.Row.State.ShouldBe(TaskState.Running);
        life.Do(life.Lost(cause));
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.InfraLost);
        life.Row.Detail.ShouldNotBeNull().ShouldStartWith("the host died; no ");
        life.Row.RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void Progress_BurnsNothing_HoweverOftenTheNodeGoes()
    {
        var life = Life.Running(Life.Task(retry => retry with { InfraRetries = 0 }));
        for (var i = 1; i <= 20; i++)
        {
            life.Do(life.Checkpoint(i));
            life.Do(life.Lost(i % 2 == 0 ? AttemptCause.Unknown : AttemptCause.Preempted));
            life.Do(life.Started());
        }

        life.Row.State.ShouldBe(TaskState.Running);
        (life.Row.InfraRetriesUsed, life.Row.UnknownRetriesUsed).ShouldBe((0, 0));
        life.Do(life.Lost(AttemptCause.Preempted));
        life.Row.State.ShouldBe(TaskState.Failed, "the last attempt made no progress");
    }

    [Fact]
    public void ExitSeventyFive_AfterProgress_BurnsNothing()
    {
        var life = Life.Running(Life.Task(retry => retry with { InfraRetries = 0 }));
        life.Do(life.Checkpoint(1));
        life.Do(life.Exited(75));
        life.Row.State.ShouldBe(TaskState.Queued);
        life.Row.InfraRetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void ACheckpoint_IsRecorded_AndAnOlderOneIsNot()
    {
        var life = Life.Running();
        var step = life.Do(life.Checkpoint(5));
        step.Checkpoint.ShouldBe(new OrleansFlow.Domain.Data.Checkpoint(Life.Key, 1, 5, "file:///checkpoints/5"));
        life.Live.Checkpoint.ShouldBe(5);
        life.Do(life.Checkpoint(5)).Verdict.ShouldBe(Verdict.Unchanged);
        life.Do(life.Checkpoint(4)).Checkpoint.ShouldBeNull();
        life.Live.Checkpoint.ShouldBe(5);
        life.Row.State.ShouldBe(TaskState.Running);
    }

    [Fact]
    public void ACheckpoint_IsAcknowledged_AlsoWhenItIsNoNews()
    {
        var life = Life.Running();
        foreach (var number in new[] { 5, 5, 4, 6 })
            life.Do(life.Checkpoint(number)).Effects.ShouldBe([new AcknowledgeCheckpoint(life.Live, number)]);
        life.Live.Checkpoint.ShouldBe(6);
    }

    [Fact]
    public void ACheckpoint_ThatAnEarlierAttemptHadReached_IsAcknowledged_AndNoProgress()
    {
        var life = Life.Running();
        var step = life.Do(life.Checkpoint(5, last: 5));
        (step.Verdict, step.Checkpoint, life.Live.Checkpoint).ShouldBe((Verdict.Unchanged, null, null));
        step.Effects.ShouldBe([new AcknowledgeCheckpoint(life.Live, 5)]);
        life.Do(life.Checkpoint(6, last: 5)).Checkpoint.ShouldNotBeNull();
    }
}
