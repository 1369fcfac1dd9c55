using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Client.Following;

/// <summary>A run at a moment, as a stream told of it. Never changed.</summary>
public sealed record RunSnapshot
{
    /// <summary>The run, without its tasks.</summary>
    public required Run Run { get; init; }

    /// <summary>Its task instances by name.</summary>
    public required IReadOnlyDictionary<string, TaskInstance> Tasks { get; init; }

    /// <summary>Those that have changed since the snapshot before; in the first one all.</summary>
    public required IReadOnlyList<TaskInstance> Changed { get; init; }

    /// <summary>Where another stream goes on from here.</summary>
    public required string Cursor { get; init; }

    /// <summary>Whether the run has ended.</summary>
    public bool IsFinished => Run.State.IsFinished();
}

/// <summary>Questions asked of a run's state.</summary>
public static class RunStates
{
    /// <summary>Whether a run in this state has ended.</summary>
    public static bool IsFinished(this RunState state) => state is RunState.Success or RunState.Failed or RunState.Cancelled;
}
