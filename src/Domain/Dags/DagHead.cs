using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags;

/// <summary>A DAG as it is known to an installation: one row of <c>dag</c>.</summary>
public sealed record DagHead
{
    /// <summary>Which DAG this is.</summary>
    public required DagId Id { get; init; }

    /// <summary>The anchor's version: every commit of a change compares and bumps it. From 1.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The content hash of the version that schedules and triggers use; null when only runs of a file exist.</summary>
    public string? CurrentHash { get; init; }

    /// <summary>The DAG file that the current version came from, as a full path; null when unknown.</summary>
    public string? SourceFile { get; init; }

    /// <summary>Paused: its schedule does not fire, and no run leaves the queue.</summary>
    public bool Paused { get; init; }

    /// <summary>The instant its schedule counts from when it names no start: the first apply.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>The logical date of the last run that the schedule created.</summary>
    public DateTimeOffset? LastLogicalDate { get; init; }

    /// <summary>When the next fire is due; null when there is none.</summary>
    public DateTimeOffset? WakeAt { get; init; }
}

/// <summary>One version of a DAG: what was applied, by its content. Never changed.</summary>
public sealed record DagVersion
{
    /// <summary>The SHA-256 of the canonical JSON, in lower-case hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The DAG.</summary>
    public required DagId Dag { get; init; }

    /// <summary>The canonical JSON of its <see cref="DagSpec"/>.</summary>
    public required string Spec { get; init; }

    /// <summary>When it was first seen.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
