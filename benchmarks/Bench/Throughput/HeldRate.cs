namespace OrleansFlow.Bench.Throughput;

/// <summary>What happened while one rate was held.</summary>
internal sealed record HeldRate
{
    /// <summary>What arrived. Tasks per second.</summary>
    public required double OfferedTasksPerSecond { get; init; }

    /// <summary>Rows of tasks that became final within the window. Per second.</summary>
    public required double CompletedTasksPerSecond { get; init; }

    /// <summary>Whether the backlog stayed as it was.</summary>
    public required bool Held { get; init; }

    public required double BacklogFirstHalf { get; init; }

    public required double BacklogSecondHalf { get; init; }

    /// <summary>Transactions of the database by completed task; those of the bench, two a second, included.</summary>
    public required double CommitsPerTask { get; init; }

    public required double CommitsPerSecond { get; init; }

    public required double WalBytesPerTask { get; init; }

    /// <summary>Of this process: engine, no-op backend and load.</summary>
    public required double HostCpuMsPerTask { get; init; }

    /// <summary>Of PostgreSQL's processes.</summary>
    public required double PostgresCpuMsPerTask { get; init; }

    /// <summary>From the moment a run should have arrived to the moment its first tasks were admitted.</summary>
    public required double StartLatencyP50Ms { get; init; }

    /// <summary>From the moment a run should have arrived to its end, runs that ended after the window included.</summary>
    public required double RunLatencyP50Ms { get; init; }

    public required double RunLatencyP99Ms { get; init; }

    /// <summary>Of the machine, over the last minute.</summary>
    public required double LoadAverage { get; init; }
}
