using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Durations;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>Every field of a task; <c>defaults</c> of a DAG or a group take the same ones.</summary>
internal static class TaskFields
{
    public static readonly FieldTable<TaskDraft> Table = new(
        "task",
        Spec("description", Kinds.Text, null, "One line for people.", (t, v) => t with { Description = v }),

        Draft("command", Kinds.Command, null, "The program to run and its words; templates. It replaces the image's entry point.", (d, v) => d with { Command = v }),
        Draft("args", Kinds.Command, null, "Words appended to the command; alone, to the entry point of the image.", (d, v) => d with { Args = v }),
        Draft("script", Kinds.Text, null, "Inline text, run by the shell; a template.", (d, v) => d with { Script = v }),
        Draft("shell", Kinds.Command, Json("bash", "-euo", "pipefail"), "What runs the script: a program and its words, such as [python3].", (d, v) => d with { Shell = v }),
        Draft("noop", NoopKind, null, "Does nothing: a point where arrows meet. Written as noop: {}.", (d, _) => d with { Noop = true }),

        Draft("needs", GraphKinds.Needs, null, "The tasks or groups that come before; { task: x, optional: true } is ignored when there is no x.", (d, v) => d with { Needs = v }),
        Spec("trigger_rule", Kinds.OneOf<TriggerRule>(), "all_success", "When the task runs, by what became of those it needs.", (t, v) => t with { TriggerRule = v }),
        Spec("when", Kinds.Text, null, "An expression over params, xcoms and the run; false skips the task.", (t, v) => t with { When = v }),
        Draft("map", MapKinds.Map, null, "One instance for each element: a list, { over, as }, { product: { name: list } } or { zip: { name: list } }.", (d, v) => d with { Map = v }),
        Draft("max_map_length", Kinds.Integer(1, DagLimits.MaxMapLength), 1024, "The greatest number of elements of the map.", (d, v) => d with { MaxMapLength = v }),

        Retry("retries", Kinds.Integer(0), 0, "How often a failure of the program is tried again.", (r, v) => r with { Retries = v }),
        Retry("retry_delay", Kinds.Duration, "5m", "The wait before the first retry, from the end of the attempt.", (r, v) => r with { Delay = v }),
        Retry("retry_backoff", Kinds.Number(1), 1, "What each further wait is multiplied by; 1 keeps it constant.", (r, v) => r with { Backoff = v }),
        Retry("max_retry_delay", Kinds.Duration, "1d", "The greatest wait between retries.", (r, v) => r with { MaxDelay = v }),
        Retry("retry_on", RuleKinds.Rules, null, "When given, only failures that match are retried: exit codes, causes such as oom and timeout, error classes.", (r, v) => r with { RetryOn = v }),
        Retry("fail_on", RuleKinds.Rules, null, "Failures that match are final; asked before retry_on.", (r, v) => r with { FailOn = v }),
        Retry("skip_exit_codes", RuleKinds.ExitCodes, new JsonArray(99), "Exit codes that skip the task.", (r, v) => r with { SkipExitCodes = v }),
        Retry("fail_exit_codes", RuleKinds.ExitCodes, null, "Exit codes that fail the task without a retry.", (r, v) => r with { FailExitCodes = v }),
        Retry("infra_retries", Kinds.Integer(0), 10, "How many attempts may be lost to the infrastructure; these use no retries.", (r, v) => r with { InfraRetries = v }),
        Retry("launch_retries", Kinds.Integer(0), 3, "How many launches may fail.", (r, v) => r with { LaunchRetries = v }),

        Spec("replacement", Kinds.OneOf<Replacement>(), "overlap", "Whether a replacement is prepared while the attempt before it still leaves.", (t, v) => t with { Replacement = v }),
        Spec("exit_zero_after_stop", Kinds.OneOf<ExitZeroAfterStop>(), "preempted", "What exit 0 means after a stop for a disruption: run again, or commit.", (t, v) => t with { ExitZeroAfterStop = v }),
        Spec("timeout", Kinds.Duration, null, "How long an attempt may run.", (t, v) => t with { Timeout = v }),
        Spec("queued_timeout", Kinds.Duration, null, "How long the task may wait to start, waits for capacity not counted.", (t, v) => t with { QueuedTimeout = v }),
        Spec("grace_period", Kinds.Duration, "30s", "The time between SIGTERM and SIGKILL.", (t, v) => t with { GracePeriod = v }),

        Spec("pool", Kinds.Text, "default", "The pool whose slots the task takes.", (t, v) => t with { Pool = v }),
        Spec("pool_slots", Kinds.Integer(1), 1, "How many slots it takes.", (t, v) => t with { PoolSlots = v }),
        Spec("priority", Kinds.Integer(int.MinValue), 1, "Its own weight: greater goes first in its pool.", (t, v) => t with { Priority = v }),
        Spec("weight_rule", Kinds.OneOf<WeightRule>(), "downstream", "How the weights of other tasks add to it.", (t, v) => t with { WeightRule = v }),
        Spec("max_active", Kinds.Integer(1), null, "How many instances of the task may be active at once, across runs.", (t, v) => t with { MaxActive = v }),

        Spec("working_dir", Kinds.Text, null, "The working directory, relative to the folder of the file; a template.", (t, v) => t with { WorkingDir = v }),
        Spec("env", Kinds.TextByName, null, "Environment variables; values are templates.", (t, v) => t with { Env = v }),
        Spec("connections", Kinds.Texts, null, "Names of connections, each given to the task as FLOW_CONN_NAME.", (t, v) => t with { Connections = v }),
        Draft("inputs", GraphKinds.Inputs, null, "Files of earlier tasks by their name below $FLOW_INPUTS: { data: fetch_data/loans.csv }. Implies needs.", (d, v) => d with { Inputs = v }),
        Spec("outputs", Kinds.Texts, null, "Files that must be in $FLOW_OUTPUTS when the attempt commits.", (t, v) => t with { Outputs = v }),
        Spec("checkpoint", CheckpointKind, null, "Saves $FLOW_CHECKPOINT while the task runs: { every: 30s }.", (t, v) => t with { CheckpointEvery = v }),

        Spec("on_success", CallbackKinds.Callbacks, null, "A webhook or a command that is told when an instance succeeds.", (t, v) => t with { OnSuccess = v }),
        Spec("on_failure", CallbackKinds.Callbacks, null, "The same, when an instance fails for good.", (t, v) => t with { OnFailure = v }),
        Spec("on_retry", CallbackKinds.Callbacks, null, "The same, when an instance will be tried again.", (t, v) => t with { OnRetry = v }),
        Spec("on_cancel", CallbackKinds.Callbacks, null, "The same, when a running instance is cancelled.", (t, v) => t with { OnCancel = v }),

        Kubernetes("image", Kinds.Text, "The container image.", v => v),
        Kubernetes("service_account", Kinds.Text, "The service account of the pod.", v => v),
        Kubernetes("resources", KubernetesKinds.Resources, "Requests and limits of the container.", v => v),
        Kubernetes("capacity", Kinds.Texts, "Capacity classes, tried in this order.", v => new JsonArray([.. v.Select(c => JsonValue.Create(c))])),
        Kubernetes("pod", Kinds.Object, "A strategic merge patch on the pod, applied last.", v => v),
        Kubernetes("agent", KubernetesKinds.Agent, "Whether the agent runs beside the task.", v => v),
        Kubernetes("secrets", KubernetesKinds.Secrets, "Secrets of the cluster that the pod sees.", v => v),
        Kubernetes("capacity_timeout", Kinds.Duration, "How long the task may wait for capacity.", v => Duration.Format(v)),
        Kubernetes("heartbeat_timeout", Kinds.Duration, "How long the agent may be silent before a replacement is requested; 10s.", v => Duration.Format(v)));

    private static Kind<YamlMap> NoopKind => Kinds.Map("an empty map: {}", () => new JsonObject { ["type"] = "object", ["maxProperties"] = 0 });

    private static Kind<TimeSpan?> CheckpointKind => new FieldTable<TimeSpan?>(
        "checkpoint",
        new Field<TimeSpan?, TimeSpan>("every", Kinds.Duration, null, "How often the checkpoint folder is looked at.", (_, v) => v))
        .AsKind("a map such as { every: 30s }", () => null);

    private static JsonArray Json(params string[] words) => new([.. words.Select(word => JsonValue.Create(word))]);

    private static Field<TaskDraft, T> Draft<T>(string name, Kind<T> kind, JsonNode? fallback, string description, Func<TaskDraft, T, TaskDraft> set) =>
        new(name, kind, fallback, description, set);

    private static Field<TaskDraft, T> Spec<T>(string name, Kind<T> kind, JsonNode? fallback, string description, Func<TaskSpec, T, TaskSpec> set) =>
        new(name, kind, fallback, description, (draft, value) => draft with { Spec = set(draft.Spec, value) });

    private static Field<TaskDraft, T> Retry<T>(string name, Kind<T> kind, JsonNode? fallback, string description, Func<RetryPolicy, T, RetryPolicy> set) =>
        Spec(name, kind, fallback, description, (task, value) => task with { Retry = set(task.Retry, value) });

    private static Field<TaskDraft, T> Kubernetes<T>(string name, Kind<T> kind, string description, Func<T, JsonNode?> toJson) =>
        new(name, kind, null, description + " Kubernetes only.", (draft, value) => draft.WithKubernetes(name, toJson(value)));
}
