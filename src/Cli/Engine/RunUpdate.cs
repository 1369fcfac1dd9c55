using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Engine;

/// <summary>What a look at a run saw.</summary>
/// <param name="run">The run as it is now, without its tasks.</param>
/// <param name="detail">The same with its tasks; asked for when somebody wants them.</param>
/// <param name="events">What happened since the look before, oldest first.</param>
/// <param name="place">Where its history goes on.</param>
internal sealed class RunUpdate(DagRun run, Lazy<RunDetail> detail, IReadOnlyList<HistoryEntry> events, HistoryPlace place)
{
    /// <summary>The run as it is now, without its tasks.</summary>
    public DagRun Run => run;

    /// <summary>The run as it is now.</summary>
    public RunDetail Detail => detail.Value;

    /// <summary>What happened since the look before, oldest first.</summary>
    public IReadOnlyList<HistoryEntry> Events => events;

    /// <summary>Where its history goes on.</summary>
    public HistoryPlace Place => place;
}

/// <summary>A place in a run's history. The default is its beginning.</summary>
/// <param name="After">The number of the event before it.</param>
/// <param name="FromNow">It is where the history ends at the moment.</param>
/// <param name="Cursor">The place in a server's own words; it goes before the others.</param>
internal readonly record struct HistoryPlace(long After = 0, bool FromNow = false, string? Cursor = null);
