using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Runs;

public class TriggerRuleTests
{
    private static readonly TaskState[] Ends = [TaskState.Success, TaskState.Failed, TaskState.UpstreamFailed, TaskState.Skipped];

    public static TheoryData<TriggerRule> Rules => [.. Enum.GetValues<TriggerRule>()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void EveryCount_UpToThreeUpstream_IsJudgedAsTheTableSays(TriggerRule rule)
    {
        foreach (var counts in Counts(3))
            TriggerRules.Evaluate(rule, counts).ShouldBe(TriggerRuleOracle.Evaluate(rule, counts), $"{rule} with {counts}");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void WhenAllHaveFinished_NoRuleWaits(TriggerRule rule)
    {
        foreach (var counts in Counts(3).Where(counts => counts.AllDone))
            TriggerRules.Evaluate(rule, counts).ShouldNotBe(RuleVerdict.Wait, $"{rule} with {counts}");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void WhatIsSaidAtOnce_IsWhatWouldBeSaidInTheEnd(TriggerRule rule)
    {
        foreach (var counts in Counts(3).Where(counts => !counts.AllDone))
        {
            var verdict = TriggerRules.Evaluate(rule, counts);
            if (verdict == RuleVerdict.Wait) continue;
            foreach (var end in Ends.Select(end => counts.Count(end, +1)))
            {
                // Airflow's rule too: a skip at once does not wait for a failure that may come.
                var overtaken = rule == TriggerRule.AllSuccess && verdict == RuleVerdict.Skip && end.NotOk > 0;
                if (!overtaken) TriggerRules.Evaluate(rule, end).ShouldBe(verdict, $"{rule}: {counts}, then {end}");
            }
        }
    }

    [Theory]
    [InlineData(TriggerRule.AllSuccess, TaskState.Failed, RuleVerdict.UpstreamFailed)]
    [InlineData(TriggerRule.AllSuccess, TaskState.UpstreamFailed, RuleVerdict.UpstreamFailed)]
    [InlineData(TriggerRule.AllSuccess, TaskState.Skipped, RuleVerdict.Skip)]
    [InlineData(TriggerRule.AllSuccess, TaskState.Success, RuleVerdict.Wait)]
    [InlineData(TriggerRule.OneSuccess, TaskState.Success, RuleVerdict.Run)]
    [InlineData(TriggerRule.OneSuccess, TaskState.Failed, RuleVerdict.Wait)]
    [InlineData(TriggerRule.OneFailed, TaskState.Failed, RuleVerdict.Run)]
    [InlineData(TriggerRule.OneFailed, TaskState.UpstreamFailed, RuleVerdict.Run)]
    [InlineData(TriggerRule.OneDone, TaskState.Success, RuleVerdict.Run)]
    [InlineData(TriggerRule.OneDone, TaskState.UpstreamFailed, RuleVerdict.Wait)]
    [InlineData(TriggerRule.AllDone, TaskState.Failed, RuleVerdict.Wait)]
    [InlineData(TriggerRule.Always, TaskState.None, RuleVerdict.Run)]
    public void OneOfThreeFinished(TriggerRule rule, TaskState end, RuleVerdict verdict) =>
        TriggerRules.Evaluate(rule, new UpstreamCounts(3, 0, 0, 0, 0).Count(end, +1)).ShouldBe(verdict);

    [Theory]
    [MemberData(nameof(Rules))]
    public void RemovedInstances_AreNotCounted(TriggerRule rule)
    {
        foreach (var counts in Counts(3))
        {
            var more = (counts with { Total = counts.Total + 1 }).Count(TaskState.Removed, +1);
            TriggerRules.Evaluate(rule, more).ShouldBe(TriggerRules.Evaluate(rule, counts));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void NothingAbove_Runs(TriggerRule rule) => TriggerRules.Evaluate(rule, default).ShouldBe(RuleVerdict.Run);

    [Fact]
    public void ARuleThatDoesNotExist_IsRefused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => TriggerRules.Evaluate(0, new UpstreamCounts(1, 1, 0, 0, 0)));

    private static IEnumerable<UpstreamCounts> Counts(int greatest) =>
        from n in Enumerable.Range(0, greatest + 1)
        from s in Enumerable.Range(0, n + 1)
        from f in Enumerable.Range(0, n + 1 - s)
        from uf in Enumerable.Range(0, n + 1 - s - f)
        from k in Enumerable.Range(0, n + 1 - s - f - uf)
        select new UpstreamCounts(n, s, f, uf, k);
}
