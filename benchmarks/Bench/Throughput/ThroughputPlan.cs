namespace OrleansFlow.Bench.Throughput;

/// <summary>How long and how steeply the bench climbs.</summary>
internal sealed record ThroughputPlan
{
    public static readonly ThroughputPlan Full = new()
    {
        Hold = TimeSpan.FromSeconds(60), WarmUp = TimeSpan.FromSeconds(20), Ceiling = TimeSpan.FromSeconds(5), Counts = true,
    };

    public static readonly ThroughputPlan Quick = new()
    {
        Hold = TimeSpan.FromSeconds(8), WarmUp = TimeSpan.FromSeconds(4), Ceiling = TimeSpan.FromSeconds(1.5), Counts = false,
    };

    /// <summary>How long each rate is held.</summary>
    public required TimeSpan Hold { get; init; }

    /// <summary>How long the first rate is held before anything is measured: code is compiled, connections are opened.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long each ceiling is measured.</summary>
    public required TimeSpan Ceiling { get; init; }

    /// <summary>Whether the numbers are a claim, so that a machine that changed meanwhile is an error.</summary>
    public required bool Counts { get; init; }

    /// <summary>The first rate. Tasks per second.</summary>
    public double FirstRate { get; init; } = 250;

    /// <summary>Each rate by the one before.</summary>
    public double Growth { get; init; } = 1.5;

    /// <summary>How often the gap between the last rate that held and the first that did not is halved.</summary>
    public int Refinements { get; init; } = 2;

    /// <summary>How long a backlog may take to go, once nothing arrives any more.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(3);
}
