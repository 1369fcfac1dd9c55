using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Runs;

/// <summary>What became of the instances directly above a task, counted. Mapped ones count one each; removed ones not at all.</summary>
/// <param name="Total">How many there are (N).</param>
/// <param name="Succeeded">S.</param>
/// <param name="Failed">F.</param>
/// <param name="UpstreamFailed">UF.</param>
/// <param name="Skipped">K.</param>
public readonly record struct UpstreamCounts(int Total, int Succeeded, int Failed, int UpstreamFailed, int Skipped)
{
    /// <summary>F + UF.</summary>
    public int NotOk => Failed + UpstreamFailed;

    /// <summary>Whether all have finished.</summary>
    public bool AllDone => Succeeded + NotOk + Skipped >= Total;

    /// <summary>The counts with one instance more, or less, in a state.</summary>
    public UpstreamCounts Count(TaskState state, int by) => state switch
    {
        TaskState.Success => this with { Succeeded = Succeeded + by },
        TaskState.Failed => this with { Failed = Failed + by },
        TaskState.UpstreamFailed => this with { UpstreamFailed = UpstreamFailed + by },
        TaskState.Skipped => this with { Skipped = Skipped + by },
        TaskState.Removed => this with { Total = Total - by },
        _ => this,
    };
}

/// <summary>What a trigger rule says.</summary>
public enum RuleVerdict
{
    /// <summary>It cannot be told yet.</summary>
    Wait = 1,

    /// <summary>The task runs.</summary>
    Run = 2,

    /// <summary>The task is set to skipped without running.</summary>
    Skip = 3,

    /// <summary>The task is set to upstream_failed without running.</summary>
    UpstreamFailed = 4,
}

/// <summary>The table of trigger rules in <c>semantics.md</c>, row by row. Source of the rules: Airflow 3's TriggerRuleDep. Pure.</summary>
public static class TriggerRules
{
    /// <summary>What a rule says of some counts.</summary>
    public static RuleVerdict Evaluate(TriggerRule rule, UpstreamCounts up)
    {
        if (up.Total == 0) return RuleVerdict.Run;
        return rule switch
        {
            TriggerRule.AllSuccess => up switch
            {
                { NotOk: > 0 } => RuleVerdict.UpstreamFailed,
                { Skipped: > 0 } => RuleVerdict.Skip,
                { AllDone: true } => RuleVerdict.Run,
                _ => RuleVerdict.Wait,
            },
            TriggerRule.AllFailed => up switch
            {
                { Succeeded: > 0 } or { Skipped: > 0 } => RuleVerdict.Skip,
                { AllDone: true } => RuleVerdict.Run,
                _ => RuleVerdict.Wait,
            },
            TriggerRule.AllDone => up.AllDone ? RuleVerdict.Run : RuleVerdict.Wait,
            TriggerRule.AllDoneMinOneSuccess => up switch
            {
                { Skipped: > 0 } => RuleVerdict.Skip,
                { AllDone: false } => RuleVerdict.Wait,
                { Succeeded: 0 } => RuleVerdict.UpstreamFailed,
                _ => RuleVerdict.Run,
            },
            TriggerRule.OneSuccess => up switch
            {
                { Succeeded: > 0 } => RuleVerdict.Run,
                { AllDone: false } => RuleVerdict.Wait,
                { NotOk: 0 } => RuleVerdict.Skip,
                _ => RuleVerdict.UpstreamFailed,
            },
            TriggerRule.OneFailed => FirstOf(up.NotOk > 0, up),
            TriggerRule.OneDone => FirstOf(up.Succeeded + up.Failed > 0, up),
            TriggerRule.NoneFailed => up switch
            {
                { NotOk: > 0 } => RuleVerdict.UpstreamFailed,
                { AllDone: true } => RuleVerdict.Run,
                _ => RuleVerdict.Wait,
            },
            TriggerRule.NoneFailedMinOneSuccess => up switch
            {
                { NotOk: > 0 } => RuleVerdict.UpstreamFailed,
                { AllDone: false } => RuleVerdict.Wait,
                { Succeeded: 0 } => RuleVerdict.Skip,
                _ => RuleVerdict.Run,
            },
            TriggerRule.NoneSkipped => up switch
            {
                { Skipped: > 0 } => RuleVerdict.Skip,
                { AllDone: true } => RuleVerdict.Run,
                _ => RuleVerdict.Wait,
            },
            TriggerRule.AllSkipped => up switch
            {
                { Succeeded: > 0 } or { NotOk: > 0 } => RuleVerdict.Skip,
                { AllDone: true } => RuleVerdict.Run,
                _ => RuleVerdict.Wait,
            },
            TriggerRule.Always => RuleVerdict.Run,
            TriggerRule.AllDoneSetupSuccess => up.AllDone ? RuleVerdict.Run : RuleVerdict.Wait,
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "no such trigger rule"),
        };
    }

    private static RuleVerdict FirstOf(bool seen, UpstreamCounts up) =>
        seen ? RuleVerdict.Run : up.AllDone ? RuleVerdict.Skip : RuleVerdict.Wait;
}
