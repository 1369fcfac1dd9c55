using OrleansFlow.Bench.Results;

namespace OrleansFlow.Bench.Watch;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record WatchResult() : ProgramResult("watch")
{
    /// <summary>From a change to the moment a watcher has it: of 99 in a hundred, at most.</summary>
    public const double AimLagMs = 250;

    public required int Watchers { get; init; }

    /// <summary>Tasks that ended while they watched.</summary>
    public required int Changes { get; init; }

    public required double ChangesPerSecond { get; init; }

    /// <summary>Changes that watchers were told of, all together.</summary>
    public required long Told { get; init; }

    /// <summary>From the end of a task to the moment a watcher has it. Milliseconds.</summary>
    public required double LagP50Ms { get; init; }

    public required double LagP99Ms { get; init; }

    public required double LagMaxMs { get; init; }

    /// <summary>How many messages a watcher got in a second: fewer than the changes, since they are gathered.</summary>
    public required double MessagesPerWatcherAndSecond { get; init; }
}
