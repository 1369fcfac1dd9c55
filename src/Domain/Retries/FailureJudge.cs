using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Retries;

/// <summary>What an ended attempt means, by its evidence alone: exactly one cause, and whether the user's rules allow a retry.</summary>
public static class FailureJudge
{
    /// <summary>The exit code by which a command says "checkpointed, run me again" (<c>EX_TEMPFAIL</c>).</summary>
    public const int RunAgain = 75;

    /// <summary>The cause of an exit that is no success and no skip; null when it is one of them.</summary>
    /// <param name="attempt">The attempt, with what it was told.</param>
    /// <param name="exit">How it ended.</param>
    /// <param name="policy">The task's policy.</param>
    public static AttemptCause? CauseOf(Attempt attempt, ExitReport exit, RetryPolicy policy) => (attempt.Stop, exit) switch
    {
        (StopReason.Cancel or StopReason.Clear or StopReason.RunTimeout, _) => AttemptCause.Cancelled,
        (StopReason.Timeout, _) => AttemptCause.Timeout,
        (_, { OutOfMemory: true }) => AttemptCause.Oom,
        (_, { ExitCode: 0, OutputProblem: null }) => null,
        (_, { ExitCode: RunAgain }) => AttemptCause.Stopped,
        _ when IsSkip(exit, policy) => null,
        _ => AttemptCause.Application,
    };

    /// <summary>Whether the command asked to be skipped.</summary>
    public static bool IsSkip(ExitReport exit, RetryPolicy policy) => exit.ExitCode != 0 && policy.SkipExitCodes.Contains(exit.ExitCode);

    /// <summary>Whether the user's rules let a failure be tried again, budget aside. First match wins: <c>fail_on</c>, then <c>retry_on</c>.</summary>
    public static bool MayRetry(RetryPolicy policy, AttemptCause cause, int? exitCode, string? errorClass)
    {
        if (cause == AttemptCause.Application && exitCode is { } code && policy.FailExitCodes.Contains(code)) return false;
        if (policy.FailOn.Any(rule => Matches(rule, cause, exitCode, errorClass))) return false;
        return policy.RetryOn.Count == 0 || policy.RetryOn.Any(rule => Matches(rule, cause, exitCode, errorClass));
    }

    private static bool Matches(FailureRule rule, AttemptCause cause, int? exitCode, string? errorClass) =>
        (rule.ExitCodes.Count == 0 || (exitCode is { } code && rule.ExitCodes.Contains(code)))
        && (rule.Reasons.Count == 0 || rule.Reasons.Contains(cause))
        && (rule.Errors.Count == 0 || (errorClass is not null && rule.Errors.Contains(errorClass)));
}
