using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Bench.Throughput;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record ThroughputResult
{
    /// <summary>What the system is to reach.</summary>
    public const double AimTasksPerSecond = 500;

    /// <summary>What it may cost at most, at saturation, where nobody has to be answered run by run.</summary>
    public const double AimCommitsPerTask = 0.2;

    /// <summary>Whether runs were triggered by gRPC.</summary>
    public required bool ThroughApi { get; init; }

    /// <summary>Its name.</summary>
    public string Bench => ThroughApi ? "throughput-api" : "throughput";

    public required DateTimeOffset At { get; init; }

    public required bool Quick { get; init; }

    /// <summary>Completed tasks per second at the greatest rate that held.</summary>
    public required double SustainedTasksPerSecond { get; init; }

    /// <summary>Completed tasks per second while more arrived than could be done; null: that was never reached.</summary>
    public required double? SaturatedTasksPerSecond { get; init; }

    public required double? CommitsPerTaskAtSaturation { get; init; }

    /// <summary>Why the numbers do not count; empty: they do.</summary>
    public required IReadOnlyList<string> VoidBecause { get; init; }

    public required Ceilings CeilingsBefore { get; init; }

    public required Ceilings CeilingsAfter { get; init; }

    public required IReadOnlyList<HeldRate> Steps { get; init; }

    public required string LoadAverageAtEnd { get; init; }

    public required Surroundings Surroundings { get; init; }

    /// <summary>The numbers, from what was measured.</summary>
    public static ThroughputResult Of(
        bool throughApi, DateTimeOffset at, bool quick, IReadOnlyList<HeldRate> steps, Ceilings before, Ceilings after, Surroundings surroundings)
    {
        var saturated = steps.Where(step => !step.Held).MaxBy(step => step.OfferedTasksPerSecond);
        return new ThroughputResult
        {
            ThroughApi = throughApi,
            At = at,
            Quick = quick,
            SustainedTasksPerSecond = steps.Where(step => step.Held).Select(step => step.CompletedTasksPerSecond).DefaultIfEmpty(0).Max(),
            SaturatedTasksPerSecond = saturated?.CompletedTasksPerSecond,
            CommitsPerTaskAtSaturation = saturated?.CommitsPerTask,
            VoidBecause = [.. before.MovedTo(after)],
            CeilingsBefore = before,
            CeilingsAfter = after,
            Steps = steps,
            LoadAverageAtEnd = Measuring.Surroundings.Load(),
            Surroundings = surroundings,
        };
    }
}
