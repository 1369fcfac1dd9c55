using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;

namespace OrleansFlow.Tests.Unit.Domain.Runs;

/// <summary>
/// The table of trigger rules as <c>docs/semantics.md</c> prints it, each row as the conditions of its columns: when the task runs,
/// and what else it is set to. Written without a look at the code under test.
/// </summary>
internal static class TriggerRuleOracle
{
    private sealed record Row(Func<Seen, bool> Runs, Func<Seen, bool>? Skipped = null, Func<Seen, bool>? UpstreamFailed = null);

    /// <summary>The letters of the table; <c>Done</c>: all upstream instances have finished.</summary>
    private readonly record struct Seen(int N, int S, int F, int UF, int K)
    {
        public bool Done => S + F + UF + K == N;
    }

    private static readonly Dictionary<TriggerRule, Row> Table = new()
    {
        [TriggerRule.AllSuccess] = new(c => c.S == c.N, c => c.K > 0 && c.F + c.UF == 0, c => c.F + c.UF > 0),
        [TriggerRule.AllFailed] = new(c => c.F + c.UF == c.N, c => c.S + c.K > 0),
        [TriggerRule.AllDone] = new(c => c.Done),
        [TriggerRule.AllDoneMinOneSuccess] = new(c => c.Done && c.K == 0 && c.S >= 1, c => c.K > 0, c => c.Done && c.K == 0 && c.S == 0),
        [TriggerRule.OneSuccess] = new(c => c.S >= 1, c => c.K == c.N, c => c.Done && c.S == 0 && c.K < c.N),
        [TriggerRule.OneFailed] = new(c => c.F + c.UF >= 1, c => c.Done && c.F + c.UF == 0),
        [TriggerRule.OneDone] = new(c => c.S + c.F >= 1, c => c.Done && c.S + c.F == 0),
        [TriggerRule.NoneFailed] = new(c => c.S + c.K == c.N, null, c => c.F + c.UF > 0),
        [TriggerRule.NoneFailedMinOneSuccess] = new(c => c.S + c.K == c.N && c.S >= 1, c => c.K == c.N, c => c.F + c.UF > 0),
        [TriggerRule.NoneSkipped] = new(c => c.Done && c.K == 0, c => c.K > 0),
        [TriggerRule.AllSkipped] = new(c => c.K == c.N, c => c.S + c.F + c.UF > 0),
        [TriggerRule.Always] = new(_ => true),
        [TriggerRule.AllDoneSetupSuccess] = new(c => c.Done),
    };

    public static RuleVerdict Evaluate(TriggerRule rule, UpstreamCounts up)
    {
        if (up.Total == 0) return RuleVerdict.Run;
        var seen = new Seen(up.Total, up.Succeeded, up.Failed, up.UpstreamFailed, up.Skipped);
        var row = Table[rule];
        var verdicts = new List<RuleVerdict>();
        if (row.Runs(seen)) verdicts.Add(RuleVerdict.Run);
        if (row.Skipped?.Invoke(seen) == true) verdicts.Add(RuleVerdict.Skip);
        if (row.UpstreamFailed?.Invoke(seen) == true) verdicts.Add(RuleVerdict.UpstreamFailed);
        verdicts.Count.ShouldBeLessThan(2, $"the table contradicts itself: {rule} with {up}");
        return verdicts.Count == 0 ? RuleVerdict.Wait : verdicts[0];
    }
}
