using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>Writes a task, members in ordinal order of their names.</summary>
internal static class TaskWriter
{
    /// <summary>A task with nothing but defaults, to compare with.</summary>
    private static readonly TaskSpec Plain = new() { Id = new TaskId("plain"), Action = new NoopAction() };

    public static void Write(Utf8JsonWriter writer, TaskSpec task)
    {
        var retry = task.Retry;
        writer.WriteStartObject();
        if (task.Action is CommandAction { Args: var args }) writer.Texts("args", args);
        writer.Time("checkpoint", task.CheckpointEvery);
        if (task.Action is CommandAction { Command: var command }) writer.Array("command", command, static (w, word) => w.WriteStringValue(word));
        writer.Texts("connections", task.Connections);
        writer.Text("description", task.Description);
        writer.Map("env", task.Env, static (w, value) => w.WriteStringValue(value));
        writer.Enum("exit_zero_after_stop", task.ExitZeroAfterStop, Plain.ExitZeroAfterStop);
        writer.Integers("fail_exit_codes", retry.FailExitCodes);
        writer.Items("fail_on", retry.FailOn, Rule);
        writer.Time("grace_period", task.GracePeriod, Plain.GracePeriod);
        writer.WriteString("id", task.Id.Value);
        writer.Integer("infra_retries", retry.InfraRetries, RetryPolicy.Default.InfraRetries);
        writer.Map("inputs", task.Inputs, static (w, input) => w.WriteStringValue($"{input.Task}/{input.Name}"));
        if (task.Kubernetes is { Count: > 0 } kubernetes) Member(writer, "kubernetes", kubernetes);
        writer.Integer("launch_retries", retry.LaunchRetries, RetryPolicy.Default.LaunchRetries);
        if (task.Map is { } map) Map(writer, map);
        writer.Integer("max_active", task.MaxActive);
        if (task.Map is { } limited) writer.Integer("max_map_length", limited.MaxLength, 1024);
        writer.Time("max_retry_delay", retry.MaxDelay, RetryPolicy.Default.MaxDelay);
        writer.Items("needs", [.. task.Needs.Order()], static (w, need) => w.WriteStringValue(need.Value));
        DagWriter.Callbacks(writer, "on_cancel", task.OnCancel);
        DagWriter.Callbacks(writer, "on_failure", task.OnFailure);
        DagWriter.Callbacks(writer, "on_retry", task.OnRetry);
        DagWriter.Callbacks(writer, "on_success", task.OnSuccess);
        if (task.Outputs is { } outputs) writer.Array("outputs", outputs, static (w, name) => w.WriteStringValue(name));
        writer.Text("pool", task.Pool, Plain.Pool);
        writer.Integer("pool_slots", task.PoolSlots, Plain.PoolSlots);
        writer.Integer("priority", task.Priority, Plain.Priority);
        writer.Time("queued_timeout", task.QueuedTimeout);
        writer.Enum("replacement", task.Replacement, Plain.Replacement);
        writer.Integer("retries", retry.Retries, RetryPolicy.Default.Retries);
        writer.Number("retry_backoff", retry.Backoff, RetryPolicy.Default.Backoff);
        writer.Time("retry_delay", retry.Delay, RetryPolicy.Default.Delay);
        writer.Items("retry_on", retry.RetryOn, Rule);
        if (task.Action is ScriptAction script) Script(writer, script);
        if (!retry.SkipExitCodes.SequenceEqual(RetryPolicy.Default.SkipExitCodes))
            writer.Array("skip_exit_codes", retry.SkipExitCodes, static (w, code) => w.WriteNumberValue(code));
        writer.Time("timeout", task.Timeout);
        writer.Enum("trigger_rule", task.TriggerRule, Plain.TriggerRule);
        writer.Enum("weight_rule", task.WeightRule, Plain.WeightRule);
        writer.Text("when", task.When);
        writer.Text("working_dir", task.WorkingDir);
        writer.WriteEndObject();
    }

    private static void Script(Utf8JsonWriter writer, ScriptAction script)
    {
        writer.WriteString("script", script.Script);
        if (!script.Shell.SequenceEqual(ScriptAction.DefaultShell)) writer.Texts("shell", script.Shell);
    }

    private static void Rule(Utf8JsonWriter writer, FailureRule rule)
    {
        writer.WriteStartObject();
        writer.Texts("errors", rule.Errors);
        writer.Integers("exit_codes", rule.ExitCodes);
        writer.Items("reasons", rule.Reasons, static (w, reason) => w.WriteStringValue(Names.Of(reason)));
        writer.WriteEndObject();
    }

    private static void Map(Utf8JsonWriter writer, MapSpec map)
    {
        writer.WriteStartObject("map");
        switch (map)
        {
            case ListMap list:
                writer.Text("as", list.As);
                Member(writer, "over", list.Over);
                break;
            case ProductMap product:
                writer.Array("product", product.Lists, Named);
                break;
            case ZipMap zip:
                writer.Array("zip", zip.Lists, Named);
                break;
        }

        writer.WriteEndObject();
    }

    // a list of pairs, since the order of the lists matters
    private static void Named(Utf8JsonWriter writer, KeyValuePair<string, JsonNode> list)
    {
        writer.WriteStartObject();
        Member(writer, "list", list.Value);
        writer.WriteString("name", list.Key);
        writer.WriteEndObject();
    }

    private static void Member(Utf8JsonWriter writer, string name, JsonNode value)
    {
        writer.WritePropertyName(name);
        CanonicalWriter.Value(writer, value);
    }
}
