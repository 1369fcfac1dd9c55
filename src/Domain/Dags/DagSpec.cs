using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Domain.Dags;

/// <summary>
/// A DAG as it was written, with defaults and groups already merged into its tasks. Its canonical JSON
/// (<c>CanonicalJson</c>) is what a version stores, and the hash of that is the version's name.
/// </summary>
public sealed record DagSpec
{
    /// <summary>The DAG's id.</summary>
    public required DagId Id { get; init; }

    /// <summary>One line for people.</summary>
    public string? Description { get; init; }

    /// <summary>Markdown, shown in the UI.</summary>
    public string? Docs { get; init; }

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Who answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>When its runs are due; null: only when somebody triggers it.</summary>
    public ScheduleSpec? Schedule { get; init; }

    /// <summary>Whether it starts out paused when it is applied for the first time.</summary>
    public bool Paused { get; init; }

    /// <summary>How many of its runs may run at once.</summary>
    public int MaxActiveRuns { get; init; } = 16;

    /// <summary>How many tasks of one run may be queued or running at once; null: any number.</summary>
    public int? MaxActiveTasks { get; init; }

    /// <summary>How long a run may take from its start; null: any time.</summary>
    public TimeSpan? RunTimeout { get; init; }

    /// <summary>The parameters by name, each a JSON schema; <c>default</c> makes it optional.</summary>
    public IReadOnlyDictionary<string, JsonObject> Params { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>Environment variables of every task; values are templates.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>The groups, for those who show the DAG; what they say is already merged into the tasks.</summary>
    public IReadOnlyList<GroupSpec> Groups { get; init; } = [];

    /// <summary>The tasks, in the order of the file.</summary>
    public required IReadOnlyList<TaskSpec> Tasks { get; init; }

    /// <summary>Told when a run succeeds.</summary>
    public IReadOnlyList<CallbackSpec> OnSuccess { get; init; } = [];

    /// <summary>Told when a run fails.</summary>
    public IReadOnlyList<CallbackSpec> OnFailure { get; init; } = [];
}

/// <summary>A group of tasks, as it is shown.</summary>
public sealed record GroupSpec
{
    /// <summary>The group's id; nested ones are <c>outer.inner</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One line for people.</summary>
    public string? Description { get; init; }
}

/// <summary>Somebody to tell: a webhook or a command.</summary>
public sealed record CallbackSpec
{
    /// <summary>Where a JSON document is posted; a template. Null for a command.</summary>
    public string? Webhook { get; init; }

    /// <summary>A program that gets the same document on standard input; its words are templates. Null for a webhook.</summary>
    public IReadOnlyList<string>? Command { get; init; }
}
