using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Runs;

/// <summary>What created a run.</summary>
public enum RunKind
{
    /// <summary>A person or a program asked for it.</summary>
    Manual = 1,

    /// <summary>Its DAG's schedule.</summary>
    Scheduled = 2,

    /// <summary>A backfill.</summary>
    Backfill = 3,
}

/// <summary>The state of a run: queued -> running -> success | failed | cancelled; any finished -> queued by a clear.</summary>
public enum RunState
{
    /// <summary>Waits for its turn, or its task instances are being created.</summary>
    Queued = 1,

    /// <summary>Its tasks are being scheduled.</summary>
    Running = 2,

    /// <summary>Every leaf is success or skipped. Finished.</summary>
    Success = 3,

    /// <summary>A leaf is failed or upstream_failed. Finished.</summary>
    Failed = 4,

    /// <summary>Somebody cancelled it. Finished.</summary>
    Cancelled = 5,
}

/// <summary>Questions asked of a <see cref="RunState"/>.</summary>
public static class RunStates
{
    /// <summary>Whether the run has ended.</summary>
    public static bool IsFinished(this RunState state) => state >= RunState.Success;
}

/// <summary>A run as it is stored: one row of <c>dag_run</c>.</summary>
public sealed record DagRun
{
    /// <summary>Which run this is.</summary>
    public required RunId Id { get; init; }

    /// <summary>The DAG it is a run of.</summary>
    public required DagId Dag { get; init; }

    /// <summary>The content hash of the DAG version it is pinned to.</summary>
    public required string VersionHash { get; init; }

    /// <summary>The anchor's version: every commit of a change compares and bumps it. From 1.</summary>
    public long Version { get; init; } = 1;

    /// <summary>What created it.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>The state.</summary>
    public RunState State { get; init; } = RunState.Queued;

    /// <summary>Why a queued run waits or a finished one ended so, in words; null when there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>The logical date (Airflow's <c>logical_date</c>).</summary>
    public required DateTimeOffset LogicalDate { get; init; }

    /// <summary>The start of the data interval.</summary>
    public required DateTimeOffset DataIntervalStart { get; init; }

    /// <summary>The end of the data interval.</summary>
    public required DateTimeOffset DataIntervalEnd { get; init; }

    /// <summary>The run's parameters as canonical JSON: the defaults of the DAG with the caller's values over them.</summary>
    public required string Params { get; init; }

    /// <summary>The DAG file it came from, as a full path; its folder is the working directory of local tasks. Null: unknown.</summary>
    public string? SourceFile { get; init; }

    /// <summary>When the row was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it left the queue.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it wants to be looked at again (<c>run_timeout</c>); null when it does not.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>Somebody asked to cancel it; it ends when its tasks have.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>It took longer than <c>run_timeout</c>; it ends as failed when its tasks have ended.</summary>
    public bool TimedOut { get; init; }

    /// <summary>How many of its task instances exist so far; large runs are expanded in chunks.</summary>
    public int TasksCreated { get; init; }

    /// <summary>Finished, and the DAG has not acted on it yet.</summary>
    public bool Unreported { get; init; }
}
