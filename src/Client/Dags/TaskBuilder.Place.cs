using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Durations;

namespace OrleansFlow.Client.Dags;

/// <content>Time, place, data, and who is told.</content>
public sealed partial class TaskBuilder
{
    /// <summary>Whether a replacement is prepared while the attempt before it still leaves. Default: yes.</summary>
    public TaskBuilder Replacement(Replacement when) => Spec(task => task with { Replacement = when });

    /// <summary>What exit 0 means after a stop for a disruption. Default: run again.</summary>
    public TaskBuilder ExitZeroAfterStop(ExitZeroAfterStop meaning) => Spec(task => task with { ExitZeroAfterStop = meaning });

    /// <summary>How long an attempt may run. Default: any time.</summary>
    public TaskBuilder Timeout(TimeSpan? timeout) => Spec(task => task with { Timeout = timeout });

    /// <summary>How long the task may wait to start, waits for capacity not counted. Default: any time.</summary>
    public TaskBuilder QueuedTimeout(TimeSpan? timeout) => Spec(task => task with { QueuedTimeout = timeout });

    /// <summary>The time between SIGTERM and SIGKILL. Default: 30 s.</summary>
    public TaskBuilder GracePeriod(TimeSpan period) => Spec(task => task with { GracePeriod = period });

    /// <summary>The pool whose slots the task takes, and how many. Default: one of <c>default</c>.</summary>
    public TaskBuilder Pool(string pool, int? slots = null) => Spec(task => task with { Pool = pool, PoolSlots = slots ?? task.PoolSlots });

    /// <summary>How many slots of its pool it takes. Default: 1.</summary>
    public TaskBuilder PoolSlots(int slots) => Spec(task => task with { PoolSlots = slots });

    /// <summary>Its own weight: greater goes first in its pool. Default: 1.</summary>
    public TaskBuilder Priority(int weight) => Spec(task => task with { Priority = weight });

    /// <summary>How the weights of other tasks add to it. Default: those below it do.</summary>
    public TaskBuilder WeightRule(WeightRule rule) => Spec(task => task with { WeightRule = rule });

    /// <summary>How many instances of the task may be active at once, across runs. Default: any number.</summary>
    public TaskBuilder MaxActive(int? count) => Spec(task => task with { MaxActive = count });

    /// <summary>The working directory, relative to the folder of the DAG's file; a template.</summary>
    public TaskBuilder WorkingDir(string? path) => Spec(task => task with { WorkingDir = path });

    /// <summary>An environment variable; the value is a template.</summary>
    public TaskBuilder Env(string name, string? value) => Step(draft => draft.SetEnv(name, value));

    /// <summary>Names of connections, each given to the task as <c>FLOW_CONN_NAME</c>.</summary>
    public TaskBuilder Connections(params IEnumerable<string> names)
    {
        var more = Copy(names);
        return Step(draft => draft.Spec = draft.Spec with { Connections = draft.Add("connections", draft.Spec.Connections, more) });
    }

    /// <summary>A file of an earlier task. Implies <see cref="Needs"/>.</summary>
    /// <param name="name">Its name below <c>$FLOW_INPUTS</c>.</param>
    /// <param name="source"><c>task/file</c>, such as <c>fetch_data/loans.csv</c>.</param>
    public TaskBuilder Input(string name, string? source) => Step(draft => draft.SetInput(name, source));

    /// <summary>Files that must be in <c>$FLOW_OUTPUTS</c> when the attempt commits. Default: whatever is there.</summary>
    public TaskBuilder Outputs(params IEnumerable<string> names)
    {
        var more = Copy(names);
        return Step(draft => draft.Spec = draft.Spec with { Outputs = draft.Add("outputs", draft.Spec.Outputs, more) });
    }

    /// <summary>Saves <c>$FLOW_CHECKPOINT</c> while the task runs, this often.</summary>
    public TaskBuilder Checkpoint(TimeSpan? every) => Spec(task => task with { CheckpointEvery = every });

    /// <summary>Who is told when an instance succeeds: <see cref="Callback"/> makes them.</summary>
    public TaskBuilder OnSuccess(params IEnumerable<CallbackSpec> callbacks)
    {
        var more = Copy(callbacks);
        return Step(draft => draft.Spec = draft.Spec with { OnSuccess = draft.Add("on_success", draft.Spec.OnSuccess, more) });
    }

    /// <summary>Who is told when an instance fails for good.</summary>
    public TaskBuilder OnFailure(params IEnumerable<CallbackSpec> callbacks)
    {
        var more = Copy(callbacks);
        return Step(draft => draft.Spec = draft.Spec with { OnFailure = draft.Add("on_failure", draft.Spec.OnFailure, more) });
    }

    /// <summary>Who is told when an instance will be tried again.</summary>
    public TaskBuilder OnRetry(params IEnumerable<CallbackSpec> callbacks)
    {
        var more = Copy(callbacks);
        return Step(draft => draft.Spec = draft.Spec with { OnRetry = draft.Add("on_retry", draft.Spec.OnRetry, more) });
    }

    /// <summary>Who is told when a running instance is cancelled.</summary>
    public TaskBuilder OnCancel(params IEnumerable<CallbackSpec> callbacks)
    {
        var more = Copy(callbacks);
        return Step(draft => draft.Spec = draft.Spec with { OnCancel = draft.Add("on_cancel", draft.Spec.OnCancel, more) });
    }

    /// <summary>The container image. Kubernetes only.</summary>
    public TaskBuilder Image(string? image) => Kubernetes("image", image);

    /// <summary>The service account of the pod. Kubernetes only.</summary>
    public TaskBuilder ServiceAccount(string? name) => Kubernetes("service_account", name);

    /// <summary>What the node must have free, and what the container may use: amounts such as <c>500m</c> and <c>1Gi</c>. Kubernetes only.</summary>
    /// <param name="cpu">Processors to ask for.</param>
    /// <param name="memory">Memory to ask for.</param>
    /// <param name="cpuLimit">Processors at most.</param>
    /// <param name="memoryLimit">Memory at most.</param>
    public TaskBuilder Resources(string? cpu = null, string? memory = null, string? cpuLimit = null, string? memoryLimit = null)
    {
        var resources = new JsonObject();
        if (Amounts(cpu, memory) is { } requests) resources["requests"] = requests;
        if (Amounts(cpuLimit, memoryLimit) is { } limits) resources["limits"] = limits;
        return Kubernetes("resources", resources);
    }

    /// <summary>Capacity classes, tried in this order. Kubernetes only.</summary>
    public TaskBuilder Capacity(params IEnumerable<string> classes) => KubernetesList("capacity", classes);

    /// <summary>A strategic merge patch on the pod, applied last. Kubernetes only.</summary>
    public TaskBuilder Pod(JsonObject? patch) => Kubernetes("pod", patch?.DeepClone());

    /// <summary>Whether the agent runs beside the task. Kubernetes only.</summary>
    public TaskBuilder Agent(bool runs) => Kubernetes("agent", runs ? "always" : "never");

    /// <summary>Secrets of the cluster that the pod sees, by name; not together with <see cref="Secret"/>. Kubernetes only.</summary>
    public TaskBuilder Secrets(params IEnumerable<string> names) => KubernetesList("secrets", names);

    /// <summary>A secret of the cluster that the pod sees as a variable. Kubernetes only.</summary>
    /// <param name="variable">The environment variable.</param>
    /// <param name="source"><c>secret/key</c>.</param>
    public TaskBuilder Secret(string variable, string source) => Step(draft => draft.SetKubernetesEntry("secrets", variable, source));

    /// <summary>How long the task may wait for capacity. Kubernetes only.</summary>
    public TaskBuilder CapacityTimeout(TimeSpan? timeout) => Kubernetes("capacity_timeout", timeout is { } t ? Duration.Format(t) : null);

    /// <summary>How long the agent may be silent before a replacement is requested. Default: 10 s. Kubernetes only.</summary>
    public TaskBuilder HeartbeatTimeout(TimeSpan? timeout) => Kubernetes("heartbeat_timeout", timeout is { } t ? Duration.Format(t) : null);

    private TaskBuilder Kubernetes(string name, JsonNode? value) => Step(draft => draft.SetKubernetes(name, value));

    private TaskBuilder KubernetesList(string name, IEnumerable<string> items)
    {
        var more = Copy(items);
        return Step(draft => draft.AddKubernetes(name, more));
    }

    private static JsonObject? Amounts(string? cpu, string? memory)
    {
        var amounts = new JsonObject();
        if (cpu is not null) amounts["cpu"] = cpu;
        if (memory is not null) amounts["memory"] = memory;
        return amounts.Count == 0 ? null : amounts;
    }
}
