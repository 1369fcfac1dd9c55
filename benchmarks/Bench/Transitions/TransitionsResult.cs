using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Bench.Transitions;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record TransitionsResult
{
    public string Bench { get; init; } = "transitions";

    public required DateTimeOffset At { get; init; }

    public required bool Quick { get; init; }

    /// <summary>Transitions per second of the store with 2,000 coordinators that commit.</summary>
    public required Spread Store { get; init; }

    /// <summary>The same with 64 coordinators.</summary>
    public required Spread StoreWith64 { get; init; }

    /// <summary>Single-row updates per second of 64 clients.</summary>
    public required Spread SingleRows { get; init; }

    /// <summary>The store by the single rows, of each pair.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The same with 64 coordinators.</summary>
    public required Spread RatioWith64 { get; init; }

    /// <summary>Why the numbers do not count; empty: they do.</summary>
    public required IReadOnlyList<string> VoidBecause { get; init; }

    public required Ceilings CeilingsBefore { get; init; }

    public required Ceilings CeilingsAfter { get; init; }

    public required string LoadAverageAtEnd { get; init; }

    public required Surroundings Surroundings { get; init; }
}
