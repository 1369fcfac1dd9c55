using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <summary>Which runs to list.</summary>
public sealed record RunQuery
{
    /// <summary>Only runs of this DAG. Default: of all.</summary>
    public DagId? Dag { get; init; }

    /// <summary>Only runs in one of these states. Default: any.</summary>
    public IReadOnlyList<RunState> States { get; init; } = [];

    /// <summary>Only runs that were made at or after this instant. Default: any.</summary>
    public DateTimeOffset? CreatedSince { get; init; }

    /// <summary>How many to fetch at a time, 1 to 1,000. Default: 100.</summary>
    public int PageSize { get; init; } = 100;
}

/// <summary>Which DAGs to list.</summary>
public sealed record DagQuery
{
    /// <summary>Only DAGs that have all of these tags. Default: any.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Only DAGs of this owner. Default: any.</summary>
    public string? Owner { get; init; }

    /// <summary>Only DAGs that are paused, or that are not. Default: both.</summary>
    public bool? Paused { get; init; }
}

/// <summary>Which logs to read.</summary>
public sealed record LogQuery
{
    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>Only this task. Default: all of the run.</summary>
    public TaskId? Task { get; init; }

    /// <summary>Only this element of a mapped task. Default: all of them.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Only this attempt of the task. Default: the last, and while following every one that begins.</summary>
    public int? Epoch { get; init; }

    /// <summary>Go on until nothing more can come. Default: end with what there is.</summary>
    public bool Follow { get; init; }

    /// <summary>Begin that many records before the end of each log, at least one. Default: from the beginning.</summary>
    public int? Tail { get; init; }

    /// <summary>All attempts, rather than the last of each task. Default: no.</summary>
    public bool AllAttempts { get; init; }
}

/// <summary>Where in a run's history to begin.</summary>
public sealed record EventQuery
{
    /// <summary>Where another stream, or a command, left off. Default: from the beginning.</summary>
    public string? Cursor { get; init; }

    /// <summary>Begin with what happens from now on. Default: no.</summary>
    public bool FromNow { get; init; }
}
