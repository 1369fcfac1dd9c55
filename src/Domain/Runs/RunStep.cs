using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Domain.Runs;

/// <summary>What <c>when</c> says of an instance.</summary>
/// <param name="Holds">True: it runs. False: it is skipped. Null: that cannot be told (<paramref name="Problem"/>), or not yet.</param>
/// <param name="Problem">Why it can never be told; null with a null <paramref name="Holds"/>: values must be loaded first.</param>
public readonly record struct WhenResult(bool? Holds, string? Problem = null)
{
    /// <summary>It runs.</summary>
    public static readonly WhenResult Met = new(true);

    /// <summary>Values that it refers to must be loaded first.</summary>
    public static readonly WhenResult NeedsValues = new((bool?)null);
}

/// <summary>What a run decided on what it heard.</summary>
public sealed record RunStep
{
    /// <summary>Instances that finish without running, as they will be stored.</summary>
    public required IReadOnlyList<TaskInstance> Settled { get; init; }

    /// <summary>Instances whose dependencies are met, still as <c>none</c>: each becomes queued or scheduled, as limits allow.</summary>
    public required IReadOnlyList<TaskInstance> Ready { get; init; }

    /// <summary>Tasks that are ready but for a <c>when</c> that needs values; nothing else of the step depends on them.</summary>
    public required IReadOnlyList<int> NeedValues { get; init; }

    /// <summary>How the run ends with this step; null: it goes on.</summary>
    public RunState? End { get; init; }

    /// <summary>Why the run ends so, in words.</summary>
    public string? Detail { get; init; }
}
