using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>Reads what <see cref="TaskWriter"/> wrote.</summary>
internal static class TaskReader
{
    private static readonly TaskSpec Plain = new() { Id = new TaskId("plain"), Action = new NoopAction() };

    public static TaskSpec Read(JsonElement element)
    {
        var task = new Members(element);
        return task.Complete(new TaskSpec
        {
            Action = Action(task),
            CheckpointEvery = task.Time("checkpoint"),
            Connections = task.Texts("connections") ?? [],
            Description = task.Text("description"),
            Env = task.Map("env", value => value.GetString()!),
            ExitZeroAfterStop = task.Enum("exit_zero_after_stop", Plain.ExitZeroAfterStop),
            GracePeriod = task.Time("grace_period") ?? Plain.GracePeriod,
            Id = new TaskId(task.Required("id")),
            Inputs = task.Map("inputs", Input),
            Kubernetes = (JsonObject?)task.Json("kubernetes"),
            Map = Map(task),
            MaxActive = task.Integer("max_active"),
            Needs = task.Items("needs", need => new TaskId(need.GetString()!)) ?? [],
            OnCancel = DagReader.Callbacks(task, "on_cancel"),
            OnFailure = DagReader.Callbacks(task, "on_failure"),
            OnRetry = DagReader.Callbacks(task, "on_retry"),
            OnSuccess = DagReader.Callbacks(task, "on_success"),
            Outputs = task.Texts("outputs"),
            Pool = task.Text("pool") ?? Plain.Pool,
            PoolSlots = task.Integer("pool_slots") ?? Plain.PoolSlots,
            Priority = task.Integer("priority") ?? Plain.Priority,
            QueuedTimeout = task.Time("queued_timeout"),
            Replacement = task.Enum("replacement", Plain.Replacement),
            Retry = Retry(task),
            Timeout = task.Time("timeout"),
            TriggerRule = task.Enum("trigger_rule", Plain.TriggerRule),
            WeightRule = task.Enum("weight_rule", Plain.WeightRule),
            When = task.Text("when"),
            WorkingDir = task.Text("working_dir"),
        });
    }

    private static TaskAction Action(Members task)
    {
        if (task.Text("script") is { } script) return new ScriptAction(script, task.Texts("shell") ?? ScriptAction.DefaultShell);
        return task.Texts("command") is { } command ? new CommandAction(command, task.Texts("args") ?? []) : new NoopAction();
    }

    private static RetryPolicy Retry(Members task)
    {
        var plain = RetryPolicy.Default;
        return new RetryPolicy
        {
            Retries = task.Integer("retries") ?? plain.Retries,
            Delay = task.Time("retry_delay") ?? plain.Delay,
            Backoff = task.Number("retry_backoff") ?? plain.Backoff,
            MaxDelay = task.Time("max_retry_delay") ?? plain.MaxDelay,
            RetryOn = task.Items("retry_on", Rule) ?? [],
            FailOn = task.Items("fail_on", Rule) ?? [],
            SkipExitCodes = task.Integers("skip_exit_codes") ?? plain.SkipExitCodes,
            FailExitCodes = task.Integers("fail_exit_codes") ?? [],
            InfraRetries = task.Integer("infra_retries") ?? plain.InfraRetries,
            LaunchRetries = task.Integer("launch_retries") ?? plain.LaunchRetries,
        };
    }

    private static FailureRule Rule(JsonElement element)
    {
        var rule = new Members(element);
        return rule.Complete(new FailureRule
        {
            Errors = rule.Texts("errors") ?? [],
            ExitCodes = rule.Integers("exit_codes") ?? [],
            Reasons = rule.Items("reasons", reason => Names.Parse<AttemptCause>(reason.GetString()!)) ?? [],
        });
    }

    private static InputRef Input(JsonElement element)
    {
        var text = element.GetString()!;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new InputRef(new TaskId(text[..slash]), text[(slash + 1)..]) : throw new FormatException($"'{text}' is not an input");
    }

    private static MapSpec? Map(Members task)
    {
        var limit = task.Integer("max_map_length") ?? 1024;
        var map = task.Object("map", members => members switch
        {
            _ when members.Items("product", Named) is { } product => members.Complete<MapSpec>(new ProductMap(product)),
            _ when members.Items("zip", Named) is { } zip => members.Complete<MapSpec>(new ZipMap(zip)),
            _ => members.Complete<MapSpec>(new ListMap(members.Json("over") ?? throw new FormatException("a map lacks its list"), members.Text("as"))),
        });
        return map is null ? null : map with { MaxLength = limit };
    }

    private static KeyValuePair<string, JsonNode> Named(JsonElement element)
    {
        var list = new Members(element);
        return list.Complete(KeyValuePair.Create(list.Required("name"), list.Json("list") ?? throw new FormatException("a map lacks a list")));
    }
}
