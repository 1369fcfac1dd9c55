using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags;

/// <summary>A task as it was written, with the defaults of its DAG and groups merged in.</summary>
public sealed record TaskSpec
{
    /// <summary>The task's id; inside groups <c>group.task</c>.</summary>
    public required TaskId Id { get; init; }

    /// <summary>One line for people.</summary>
    public string? Description { get; init; }

    /// <summary>What the task does.</summary>
    public required TaskAction Action { get; init; }

    /// <summary>The tasks directly upstream, each once: what <c>needs</c> and <c>inputs</c> name, groups expanded.</summary>
    public IReadOnlyList<TaskId> Needs { get; init; } = [];

    /// <summary>When the task runs, by what became of its upstream tasks.</summary>
    public TriggerRule TriggerRule { get; init; } = TriggerRule.AllSuccess;

    /// <summary>An expression; false skips the task.</summary>
    public string? When { get; init; }

    /// <summary>Makes one instance for each element; null: one instance.</summary>
    public MapSpec? Map { get; init; }

    /// <summary>What is done when an attempt fails.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>How long an attempt may run; null: any time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long the task may wait to start, waits for capacity not counted; null: any time.</summary>
    public TimeSpan? QueuedTimeout { get; init; }

    /// <summary>The time between SIGTERM and SIGKILL.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What exit 0 means after the attempt was told to stop because its node goes.</summary>
    public ExitZeroAfterStop ExitZeroAfterStop { get; init; } = ExitZeroAfterStop.Preempted;

    /// <summary>Whether a replacement may be prepared while the attempt before it still leaves.</summary>
    public Replacement Replacement { get; init; } = Replacement.Overlap;

    /// <summary>The pool whose slots the task takes.</summary>
    public string Pool { get; init; } = Limits.LimitKeys.DefaultPool;

    /// <summary>How many slots it takes.</summary>
    public int PoolSlots { get; init; } = 1;

    /// <summary>Its own priority weight: greater goes first.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>How the weights of other tasks add to it.</summary>
    public WeightRule WeightRule { get; init; } = WeightRule.Downstream;

    /// <summary>How many instances of the task may be queued or running at once, across runs; null: any number.</summary>
    public int? MaxActive { get; init; }

    /// <summary>The working directory, relative to the DAG file's folder; null: that folder.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Environment variables; values are templates.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of connections, each given to the task as <c>FLOW_CONN_NAME</c>.</summary>
    public IReadOnlyList<string> Connections { get; init; } = [];

    /// <summary>Files of upstream tasks by the name they get below <c>$FLOW_INPUTS</c>.</summary>
    public IReadOnlyDictionary<string, InputRef> Inputs { get; init; } = new Dictionary<string, InputRef>();

    /// <summary>Files that must be there when the attempt commits. Null: whatever is in <c>$FLOW_OUTPUTS</c>.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>How often the checkpoint folder is looked at; null: as often as the backend likes.</summary>
    public TimeSpan? CheckpointEvery { get; init; }

    /// <summary>Told when an instance succeeds.</summary>
    public IReadOnlyList<CallbackSpec> OnSuccess { get; init; } = [];

    /// <summary>Told when an instance fails for good.</summary>
    public IReadOnlyList<CallbackSpec> OnFailure { get; init; } = [];

    /// <summary>Told when an instance will be tried again.</summary>
    public IReadOnlyList<CallbackSpec> OnRetry { get; init; } = [];

    /// <summary>Told when a running instance is cancelled.</summary>
    public IReadOnlyList<CallbackSpec> OnCancel { get; init; } = [];

    /// <summary>
    /// What only a Kubernetes backend reads (<c>image, service_account, resources, capacity, pod, agent, secrets</c>), kept as
    /// written under those names, checked for shape. Null when nothing of it was written.
    /// </summary>
    public JsonObject? Kubernetes { get; init; }
}

/// <summary>A file that an upstream task published.</summary>
/// <param name="Task">The task.</param>
/// <param name="Name">The file's path below that task's <c>$FLOW_OUTPUTS</c>.</param>
public sealed record InputRef(TaskId Task, string Name);

/// <summary>What a task does: exactly one of the kinds below.</summary>
public abstract record TaskAction;

/// <summary>A program.</summary>
/// <param name="Command">The program and its words; templates. Empty: the image's own entry point (Kubernetes only).</param>
/// <param name="Args">Words appended; templates.</param>
public sealed record CommandAction(IReadOnlyList<string> Command, IReadOnlyList<string> Args) : TaskAction;

/// <summary>Inline text, run by a shell.</summary>
/// <param name="Script">The text; a template.</param>
/// <param name="Shell">The program that gets the text as a file, with its words before it.</param>
public sealed record ScriptAction(string Script, IReadOnlyList<string> Shell) : TaskAction
{
    /// <summary>The shell of scripts that name none.</summary>
    public static readonly IReadOnlyList<string> DefaultShell = ["bash", "-euo", "pipefail"];
}

/// <summary>Nothing: a point where arrows meet. Succeeds without a backend.</summary>
public sealed record NoopAction : TaskAction;

/// <summary>When a task runs by what became of its upstream tasks; the table is in <c>semantics.md</c>.</summary>
public enum TriggerRule
{
    /// <summary>All succeeded.</summary>
    AllSuccess = 1,

    /// <summary>All failed or are upstream_failed.</summary>
    AllFailed = 2,

    /// <summary>All finished.</summary>
    AllDone = 3,

    /// <summary>All finished, none skipped, at least one succeeded.</summary>
    AllDoneMinOneSuccess = 4,

    /// <summary>One succeeded; does not wait for the rest.</summary>
    OneSuccess = 5,

    /// <summary>One failed or is upstream_failed; does not wait for the rest.</summary>
    OneFailed = 6,

    /// <summary>One succeeded or failed; does not wait for the rest.</summary>
    OneDone = 7,

    /// <summary>All succeeded or were skipped.</summary>
    NoneFailed = 8,

    /// <summary>All succeeded or were skipped, at least one succeeded.</summary>
    NoneFailedMinOneSuccess = 9,

    /// <summary>All finished, none skipped.</summary>
    NoneSkipped = 10,

    /// <summary>All skipped.</summary>
    AllSkipped = 11,

    /// <summary>At once.</summary>
    Always = 12,

    /// <summary>Teardowns: all finished, and a setup succeeded or there is none.</summary>
    AllDoneSetupSuccess = 13,
}

/// <summary>How the priority weights of other tasks add to a task's own (Airflow's weight rules).</summary>
public enum WeightRule
{
    /// <summary>Adds the weights of all tasks below it.</summary>
    Downstream = 1,

    /// <summary>Adds the weights of all tasks above it.</summary>
    Upstream = 2,

    /// <summary>Its own weight alone.</summary>
    Absolute = 3,
}

/// <summary>What exit 0 means after a stop for a disruption.</summary>
public enum ExitZeroAfterStop
{
    /// <summary>The program caught the signal and saved: not a success, run again.</summary>
    Preempted = 1,

    /// <summary>It had really ended: commit.</summary>
    Commit = 2,
}

/// <summary>When the replacement of a leaving attempt is created.</summary>
public enum Replacement
{
    /// <summary>At once, held at the gate.</summary>
    Overlap = 1,

    /// <summary>Only once the attempt before it is known to be gone.</summary>
    AfterExit = 2,
}
