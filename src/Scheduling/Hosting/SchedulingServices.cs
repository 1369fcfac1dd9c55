using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>What coordinators need of their host. Thread-safe.</summary>
public sealed class SchedulingServices
{
    /// <summary>Where they commit.</summary>
    public required IStore Store { get; init; }

    /// <summary>Where they load from.</summary>
    public required IStateReader Reader { get; init; }

    /// <summary>How they reach each other.</summary>
    public required IPeers Peers { get; init; }

    /// <summary>What runs attempts.</summary>
    public required IExecutionBackend Backend { get; init; }

    /// <summary>Where attempts left what is too large for rows.</summary>
    public required IArtifactReader Artifacts { get; init; }

    /// <summary>Timers.</summary>
    public required IWakeUps WakeUps { get; init; }

    /// <summary>What is known of runs and versions.</summary>
    public required RunCatalog Catalog { get; init; }

    /// <summary>Time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Chance.</summary>
    public required Func<Guid> NewGuid { get; init; }

    /// <summary>Who hears of defects.</summary>
    public required IEngineObserver Observer { get; init; }

    /// <summary>Cancelled when the host stops.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>The time in whole microseconds, which is what a store keeps.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = Time.GetUtcNow();
            return new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        }
    }
}

/// <summary>Timers of a host: they make waking fast; the sweep of due rows makes it certain. Thread-safe.</summary>
public interface IWakeUps
{
    /// <summary>Wakes a coordinator at an instant. The last call for a row counts.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="at">When; null: not at all.</param>
    /// <param name="version">The version of the row: the stamp of the wake.</param>
    void Set(RowKey row, DateTimeOffset? at, long version);
}
