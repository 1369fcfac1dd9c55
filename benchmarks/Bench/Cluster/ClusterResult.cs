using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;

namespace OrleansFlow.Bench.Cluster;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record ClusterResult() : ProgramResult("cluster")
{
    /// <summary>After kill -9 of one silo. Seconds.</summary>
    public const double AimKillSeconds = 5;

    /// <summary>After kill -9 of two of three, of all (from the start of the first new one), and after SIGSTOP. Seconds.</summary>
    public const double AimMoreSeconds = 15;

    /// <summary>From SIGTERM to the end of the silo's process. Seconds.</summary>
    public const double AimLeaveSeconds = 10;

    /// <summary>Tasks per second of three silos, as a part of those of one embedded host.</summary>
    public const double AimThroughput = 0.75;

    /// <summary>Until all tasks that ran at the silo that was killed ran again. Seconds.</summary>
    public required Spread KillOneSeconds { get; init; }

    /// <summary>The same with two of three.</summary>
    public required Spread KillTwoSeconds { get; init; }

    /// <summary>The same with all, from the start of a new silo.</summary>
    public required Spread KillAllSeconds { get; init; }

    /// <summary>The same with one that hangs.</summary>
    public required Spread StopSeconds { get; init; }

    /// <summary>The same with one that is told to end.</summary>
    public required Spread TermSeconds { get; init; }

    /// <summary>Until the process of the silo that was told to end had ended.</summary>
    public required Spread LeaveSeconds { get; init; }

    /// <summary>No-op tasks per second of one embedded host.</summary>
    public required Spread EmbeddedTasksPerSecond { get; init; }

    /// <summary>The same of three silos, on the same machine.</summary>
    public required Spread SilosTasksPerSecond { get; init; }

    /// <summary>Of two measurements in a row.</summary>
    public required Spread ThroughputRatio { get; init; }
}
