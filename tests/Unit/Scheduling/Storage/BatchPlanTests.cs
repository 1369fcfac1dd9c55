using OrleansFlow.Scheduling.Storage;
using static OrleansFlow.Tests.Unit.Scheduling.Storage.Steps;

namespace OrleansFlow.Tests.Unit.Scheduling.Storage;

public class BatchPlanTests
{
    private static readonly Dictionary<RowKey, long> AllAtOne = new[] { "a", "b", "c", "d" }.ToDictionary(Row, _ => 1L);

    [Fact]
    public void Steps_WhoseRowsStandStill_AreAccepted_InOrder()
    {
        var plan = Decide([Put("b"), Put("a")]);
        plan.Outcomes.ShouldBe([StepOutcome.Committed, StepOutcome.Committed]);
        plan.Accepted.Select(Name).ShouldBe(["b", "a"]);
        plan.LimitChanges.ShouldBeEmpty();
    }

    [Fact]
    public void AVersionThatMoved_DropsTheWholeStep_AndNoOther()
    {
        var plan = Decide([Put("a"), Puts("b", "gone").Taking("pool/x", 1), Put("c")], Limit("pool/x", 9, 0));
        plan.Outcomes.Select(outcome => outcome.Status).ShouldBe([StepStatus.Committed, StepStatus.Conflict, StepStatus.Committed]);
        plan.Outcomes[1].Problem.ShouldNotBeNull().ShouldContain("has version 0, not 1");
        plan.Accepted.Select(Name).ShouldBe(["a", "c"]);
        plan.LimitChanges.ShouldBeEmpty();
    }

    [Fact]
    public void Inserts_AreLeftToTheirKeys()
    {
        var insert = Put("new", expected: 0);
        BatchPlan.RowsToLock([insert]).ShouldBeEmpty();
        Decide([insert]).Outcomes.ShouldBe([StepOutcome.Committed]);
    }

    [Fact]
    public void Limits_AreTakenAllOrNothing()
    {
        var plan = Decide(
            [Put("a").Taking("global", 1).Taking("pool/x", 3), Put("b").Taking("global", 1)],
            Limit("global", 1, 0), Limit("pool/x", 2, 0));
        plan.Outcomes[0].Status.ShouldBe(StepStatus.LimitExceeded);
        plan.Outcomes[0].Limit.ShouldBe(Limit("pool/x", 2, 0));
        plan.Outcomes[1].ShouldBe(StepOutcome.Committed, "what the first step did not get is still there");
        plan.LimitChanges.ShouldBe(new Dictionary<string, int> { ["global"] = 1 });
    }

    [Fact]
    public void Limits_AreSummedWithinABatch_InItsOrder()
    {
        var plan = Decide(
            [Put("a").Taking("pool/x", 1), Put("b").Taking("pool/x", 1), Put("c").Taking("pool/x", -1), Put("d").Taking("pool/x", 1)],
            Limit("pool/x", 5, 4));
        plan.Outcomes.Select(outcome => outcome.Status)
            .ShouldBe([StepStatus.Committed, StepStatus.LimitExceeded, StepStatus.Committed, StepStatus.Committed]);
        plan.Outcomes[1].Limit.ShouldBe(Limit("pool/x", 5, 5));
        plan.LimitChanges.ShouldBe(new Dictionary<string, int> { ["pool/x"] = 1 });
    }

    [Fact]
    public void DeltasOfOneStep_AreSummed_BeforeTheyAreJudged()
    {
        var plan = Decide([Put("a").Taking("pool/x", 3).Taking("pool/x", -2)], Limit("pool/x", 1, 0));
        plan.Outcomes.ShouldBe([StepOutcome.Committed]);
        plan.LimitChanges["pool/x"].ShouldBe(1);
    }

    [Fact]
    public void SumsOfZero_AreLeftOut() =>
        Decide([Put("a").Taking("pool/x", 2), Put("b").Taking("pool/x", -2)], Limit("pool/x", 5, 0)).LimitChanges.ShouldBeEmpty();

    [Fact]
    public void GivingBack_IsAlwaysAllowed() =>
        Decide([Put("a").Taking("pool/x", -1)], Limit("pool/x", 0, 3)).Outcomes.ShouldBe([StepOutcome.Committed]);

    [Fact]
    public void ALimitThatNobodySet_LimitsNothing()
    {
        var plan = Decide([Put("a").Taking("run/1", 1_000)]);
        plan.Outcomes.ShouldBe([StepOutcome.Committed]);
        plan.LimitChanges.ShouldBeEmpty();
    }

    [Fact]
    public void Locks_AreTakenInKeyOrder_EachOnce()
    {
        Step[] batch = [Puts("c", "a").Taking("pool/b", 1).Taking("global", 1), Puts("b", "a").Taking("global", 1)];
        BatchPlan.RowsToLock(batch).ShouldBe([Row("a"), Row("b"), Row("c")]);
        BatchPlan.LimitsToLock(batch).ShouldBe(["global", "pool/b"]);
    }

    private static LimitCounter Limit(string key, int slots, int used) => new(key, slots, used);

    private static BatchPlan Decide(IReadOnlyList<Step> batch, params LimitCounter[] limits) =>
        BatchPlan.Decide(batch, AllAtOne, limits.ToDictionary(limit => limit.Key));
}
