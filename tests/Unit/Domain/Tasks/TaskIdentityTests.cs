using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>At most one attempt commits: words of any other are stale.</summary>
public class TaskIdentityTests
{
    [Fact]
    public void AZombie_ChangesNothing_AndMayBeForgotten()
    {
        var life = Life.Running();
        var (exited, lost, checkpoint) = (life.Exited(0), life.Lost(), life.Checkpoint(9));
        life.Do(life.Lost());
        life.Do(life.Started());
        var before = life.State;

        foreach (var word in new TaskEvent[] { exited, lost })
        {
            var step = life.Do(word);
            step.Verdict.ShouldBe(Verdict.Stale);
            step.Effects.OfType<ReleaseAttempt>().Single().Attempt.Key.Epoch.ShouldBe(1);
            step.Publish.ShouldBeNull();
        }

        var late = life.Do(checkpoint);
        late.Verdict.ShouldBe(Verdict.Stale);
        late.Checkpoint.ShouldBeNull();
        late.Effects.ShouldBeEmpty();
        life.State.ShouldBe(before);
    }

    [Fact]
    public void AZombie_ThatStillRuns_IsStopped()
    {
        var life = Life.Running();
        var (started, pending) = (life.Started(), life.Pending());
        life.Do(life.Lost());
        life.Do(life.Started());
        var before = life.State;
        foreach (var word in new TaskEvent[] { started, pending })
        {
            var step = life.Do(word);
            step.Verdict.ShouldBe(Verdict.Stale);
            step.Effects.ShouldHaveSingleItem().ShouldBeOfType<StopAttempt>().Attempt.Uid.ShouldBe(life.Attempts[1].Uid);
        }

        life.State.ShouldBe(before);
    }

    [Fact]
    public void AnotherUid_OfTheSameEpoch_IsStale()
    {
        var life = Life.Running();
        var before = life.State;
        life.Do(life.Exited(0) with { Uid = new Guid(9, 9, 9, new byte[8]) }).Verdict.ShouldBe(Verdict.Stale);
        life.State.ShouldBe(before);
    }

    [Fact]
    public void ARepeatedEnd_IsStale_AndReleasedAgain()
    {
        var life = Life.Running();
        var exited = life.Exited(0);
        life.Do(exited);
        var before = life.State;
        var step = life.Do(exited);
        step.Verdict.ShouldBe(Verdict.Stale);
        step.Publish.ShouldBeNull();
        var released = step.Effects.OfType<ReleaseAttempt>().Single().Attempt;
        (released.Key, released.Uid).ShouldBe((life.Attempts[1].Key, life.Attempts[1].Uid));
        life.State.ShouldBe(before);
    }

    [Fact]
    public void EveryAttempt_HasItsOwnUid()
    {
        var life = Life.Running();
        for (var i = 0; i < 5; i++) life.Do(life.Lost());
        life.Attempts.Values.Select(attempt => attempt.Uid).Distinct().Count().ShouldBe(6);
    }

    [Fact]
    public void AnAdmission_OfWhatIsNotScheduled_ChangesNothing()
    {
        foreach (var life in new[] { Life.Waiting(), Life.Queued(), Life.Running() })
            life.Do(new Admitted()).Verdict.ShouldBe(Verdict.Unchanged);
    }

    [Fact]
    public void StepsJoined_TellTheWholeStory()
    {
        var life = Life.Queued();
        var first = TaskMachine.Decide(life.State, life.Started(), life.Context);
        var exited = life.Exited(0);
        var joined = TaskStep.Join(first, TaskMachine.Decide(first.After, exited, life.Context));
        joined.Verdict.ShouldBe(Verdict.Changed);
        joined.Trail.Select(transition => transition.State).ShouldBe([TaskState.Running, TaskState.Success]);
        joined.Attempts.Count.ShouldBe(1);
        joined.Publish.ShouldNotBeNull();

        var repeated = TaskStep.Join(joined, TaskMachine.Decide(joined.After, exited, life.Context));
        repeated.Verdict.ShouldBe(Verdict.Changed);
        repeated.Publish.ShouldBe(joined.Publish);
    }
}
