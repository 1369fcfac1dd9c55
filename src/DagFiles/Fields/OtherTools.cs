namespace OrleansFlow.DagFiles.Fields;

/// <summary>The words that Airflow, Argo, GitHub Actions and others use for our fields.</summary>
internal static class OtherTools
{
    private static readonly Dictionary<string, Dictionary<string, string>> Words = new()
    {
        ["dag"] = new()
        {
            ["dag_id"] = "dag", ["id"] = "dag", ["name"] = "dag", ["doc_md"] = "docs", ["documentation"] = "docs",
            ["schedule_interval"] = "schedule", ["timetable"] = "schedule", ["cron"] = "schedule", ["on"] = "schedule",
            ["default_args"] = "defaults", ["dagrun_timeout"] = "run_timeout", ["timeout"] = "run_timeout",
            ["max_active_tis_per_dag"] = "max_active_tasks", ["concurrency"] = "max_active_tasks", ["parallelism"] = "max_active_tasks",
            ["is_paused_upon_creation"] = "paused", ["suspend"] = "paused", ["task_groups"] = "groups", ["jobs"] = "tasks", ["steps"] = "tasks",
            ["on_success_callback"] = "on_success", ["on_failure_callback"] = "on_failure", ["environment"] = "env",
            ["parameters"] = "params", ["inputs"] = "params", ["owners"] = "owner",
        },
        ["schedule"] = new()
        {
            ["schedule_interval"] = "every", ["interval_length"] = "every", ["start_date"] = "start", ["end_date"] = "end",
            ["tz"] = "timezone", ["time_zone"] = "timezone", ["expression"] = "cron", ["crontab"] = "cron", ["catch_up"] = "catchup",
            ["data_interval"] = "interval",
        },
        ["group"] = new() { ["dependsOn"] = "needs", ["depends_on"] = "needs", ["default_args"] = "defaults", ["tooltip"] = "description" },
        ["task"] = new()
        {
            ["dependsOn"] = "needs", ["depends_on"] = "needs", ["dependencies"] = "needs", ["depends"] = "needs", ["upstream"] = "needs",
            ["if"] = "when", ["condition"] = "when", ["bash_command"] = "script", ["run"] = "script", ["cmds"] = "command", ["entrypoint"] = "command",
            ["arguments"] = "args", ["execution_timeout"] = "timeout", ["activeDeadlineSeconds"] = "timeout", ["retry_exponential_backoff"] = "retry_backoff",
            ["backoff"] = "retry_backoff", ["retryStrategy"] = "retries", ["retry"] = "retries", ["skip_on_exit_code"] = "skip_exit_codes",
            ["skip_on_exit_codes"] = "skip_exit_codes", ["priority_weight"] = "priority", ["max_active_tis_per_dag"] = "max_active",
            ["pod_override"] = "pod", ["podSpecPatch"] = "pod", ["podTemplate"] = "pod", ["serviceAccountName"] = "service_account",
            ["container_resources"] = "resources", ["env_vars"] = "env", ["environment"] = "env", ["cwd"] = "working_dir", ["workingDir"] = "working_dir",
            ["working_directory"] = "working_dir", ["workdir"] = "working_dir", ["doc_md"] = "description", ["docs"] = "description",
            ["expand"] = "map", ["withItems"] = "map", ["withParam"] = "map", ["matrix"] = "map", ["artifacts"] = "outputs",
            ["on_success_callback"] = "on_success", ["on_failure_callback"] = "on_failure", ["on_retry_callback"] = "on_retry",
            ["on_kill"] = "on_cancel", ["terminationGracePeriodSeconds"] = "grace_period", ["empty"] = "noop", ["dummy"] = "noop",
        },
    };

    /// <summary>Our word for another tool's, if it is one.</summary>
    public static string? Find(string scope, string word) =>
        Words.TryGetValue(scope, out var words) ? words.GetValueOrDefault(word) : null;

    /// <summary>Every pair with its scope, for the test that each leads to a field that exists.</summary>
    internal static IEnumerable<(string Scope, string Theirs, string Ours)> All =>
        Words.SelectMany(scope => scope.Value.Select(word => (scope.Key, word.Key, word.Value)));
}
