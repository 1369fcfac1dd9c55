using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <summary>What a new run is made with.</summary>
public sealed record TriggerOptions : CommandOptions
{
    /// <summary>The logical date. Default: now, by the server's clock.</summary>
    public DateTimeOffset? LogicalDate { get; init; }

    /// <summary>Parameters as JSON values; checked against the schemas of the DAG. Default: those of the DAG.</summary>
    public JsonObject? Params { get; init; }

    /// <summary>Parameters as people type them: the schema of each says how it is read. A name may not be in <see cref="Params"/> too.</summary>
    public IReadOnlyDictionary<string, string> ParamTexts { get; init; } = new Dictionary<string, string>();

    /// <summary>The id that the run gets, unique in the installation. Default: one that the server makes.</summary>
    public RunId? Run { get; init; }
}

/// <summary>Which task instances to clear.</summary>
public sealed record ClearOptions : CommandOptions
{
    /// <summary>The tasks. Default: all of the run.</summary>
    public IReadOnlyList<TaskId> Tasks { get; init; } = [];

    /// <summary>Only this element of a mapped task; <see cref="Tasks"/> then names that one task. Default: all elements.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Also everything below them. Default: no.</summary>
    public bool Downstream { get; init; }

    /// <summary>Only those that failed or could not run, and what was skipped because of them. Default: no.</summary>
    public bool OnlyFailed { get; init; }
}
