using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of a task by itself.</summary>
internal static class TaskRules
{
    public static void Check(TaskSpec task, SpecProblems problems)
    {
        void Error(string field, string message) => problems.Error(message, "tasks", task.Id.Value, field);

        CheckAction(task, Error);
        CheckNumbers(task, Error);
        CheckTimes(task, Error);
        CheckNames(task, Error);
        EnvRules.Check(task.Env, problems, "tasks", task.Id.Value, "env");
        CallbackRules.Check(task.OnSuccess, problems, "tasks", task.Id.Value, "on_success");
        CallbackRules.Check(task.OnFailure, problems, "tasks", task.Id.Value, "on_failure");
        CallbackRules.Check(task.OnRetry, problems, "tasks", task.Id.Value, "on_retry");
        CallbackRules.Check(task.OnCancel, problems, "tasks", task.Id.Value, "on_cancel");
    }

    private static void CheckAction(TaskSpec task, Action<string, string> error)
    {
        switch (task.Action)
        {
            case CommandAction { Command: [] } when task.Kubernetes?.ContainsKey("image") != true:
                error("command", "the command is empty: name a program, or an image whose entry point is meant");
                break;
            case CommandAction { Command: ["", ..] }:
                error("command", "the program has no name: the first word of the command is empty");
                break;
            case ScriptAction script when string.IsNullOrWhiteSpace(script.Script):
                error("script", "the script is empty: write a line, or noop: {} for a task that does nothing");
                break;
            case ScriptAction { Shell: [] or ["", ..] }:
                error("shell", "the shell has no name: write for instance [python3]");
                break;
        }
    }

    private static void CheckNumbers(TaskSpec task, Action<string, string> error)
    {
        void AtLeast(int least, int? value, string field)
        {
            if (value < least) error(field, least == 0 ? "must be 0 or more" : "must be 1 or more");
        }

        AtLeast(0, task.Retry.Retries, "retries");
        AtLeast(0, task.Retry.InfraRetries, "infra_retries");
        AtLeast(0, task.Retry.LaunchRetries, "launch_retries");
        AtLeast(1, task.PoolSlots, "pool_slots");
        AtLeast(1, task.MaxActive, "max_active");
        if (!(task.Retry.Backoff >= 1 && double.IsFinite(task.Retry.Backoff))) error("retry_backoff", "must be 1 or more");

        CheckExitCodes(task.Retry.SkipExitCodes, "skip_exit_codes", error);
        CheckExitCodes(task.Retry.FailExitCodes, "fail_exit_codes", error);
        foreach (int both in task.Retry.SkipExitCodes.Intersect(task.Retry.FailExitCodes))
            error("fail_exit_codes", $"exit code {both} is also in skip_exit_codes: it can mean only one of the two");
    }

    private static void CheckExitCodes(IReadOnlyList<int> codes, string field, Action<string, string> error)
    {
        foreach (var code in codes.Where(code => code is < 1 or > 255 or 75))
            error(field, code == 75 ? "exit code 75 always means: checkpointed, run me again" : $"{code} is not an exit code of a failure: they go from 1 to 255");
    }

    private static void CheckTimes(TaskSpec task, Action<string, string> error)
    {
        if (task.Timeout <= TimeSpan.Zero) error("timeout", "must be longer than zero; leave it out for any time");
        if (task.QueuedTimeout <= TimeSpan.Zero) error("queued_timeout", "must be longer than zero; leave it out for any time");
        if (task.CheckpointEvery <= TimeSpan.Zero) error("checkpoint", "'every' must be longer than zero");
        if (task.GracePeriod < TimeSpan.Zero) error("grace_period", "cannot be negative");
        if (task.Retry.Delay < TimeSpan.Zero) error("retry_delay", "cannot be negative");
        if (task.Retry.MaxDelay < TimeSpan.Zero) error("max_retry_delay", "cannot be negative");
    }

    private static void CheckNames(TaskSpec task, Action<string, string> error)
    {
        if (IdRules.Problem(task.Pool) is { } badPool) error("pool", badPool);
        foreach (var connection in task.Connections)
            if (IdRules.Problem(connection) is { } badConnection)
                error("connections", badConnection);

        foreach (var output in task.Outputs ?? [])
            if (FileNames.Problem(output) is { } badOutput)
                error("outputs", badOutput);
        foreach (var (name, input) in task.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
            if ((FileNames.Problem(name) ?? FileNames.Problem(input.Name)) is { } badInput)
                error("inputs", badInput);
    }
}
