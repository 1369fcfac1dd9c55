using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;

namespace OrleansFlow.Bench.Dev;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record DevResult() : ProgramResult("dev")
{
    /// <summary>From nothing to a server that answers.</summary>
    public const double AimReadySeconds = 4;

    /// <summary>Of the host's process when nothing happens. MiB.</summary>
    public const double AimIdleMebibytes = 200;

    /// <summary>Of a run with one task, beyond what the task itself takes.</summary>
    public const double AimOverheadMs = 300;

    /// <summary>Until it serves, in a new folder: its database is made first. Seconds.</summary>
    public required double FirstReadySeconds { get; init; }

    /// <summary>Until it serves, in a folder that was used before. Seconds.</summary>
    public required Spread ReadySeconds { get; init; }

    /// <summary>How long it was left alone before it was looked at. Seconds.</summary>
    public required double IdleSeconds { get; init; }

    /// <summary>Resident then, without its PostgreSQL. MiB.</summary>
    public required double IdleMebibytes { get; init; }

    /// <summary>Resident after the runs.</summary>
    public required double MebibytesAfterRuns { get; init; }

    /// <summary><c>flow run</c> of one task against the server, from the start of the program to its end, less the task's own time. Milliseconds.</summary>
    public required Spread OverheadMs { get; init; }

    /// <summary><c>flow version</c>, in turns with it: what the start of the program costs by itself. Milliseconds.</summary>
    public required Spread VersionMs { get; init; }

    /// <summary>The task's own time, from its start to its end. Milliseconds.</summary>
    public required Spread TaskMs { get; init; }
}
