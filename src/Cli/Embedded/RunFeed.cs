using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Embedded;

/// <summary>
/// Follows a run by looking at the read models again and again: works the same whether this process hosts the engine or another
/// one does. Looks at long runs take longer and are made less often.
/// </summary>
/// <param name="queries">The read models.</param>
/// <param name="time">The clock.</param>
/// <param name="from">The place in the history from which on it is told.</param>
/// <param name="waits">
/// Asked when PostgreSQL is away: whether somebody brings it back, so that the feed waits; null: nobody does, and the feed throws.
/// </param>
/// <param name="progress">Told that PostgreSQL is away and waited for, and that it is back; null: somebody else tells.</param>
internal sealed class RunFeed(
    IQueries queries, TimeProvider time, HistoryPlace from = default, Func<Task<bool>>? waits = null, IProgress<string>? progress = null)
{
    private const int Page = 1000;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private HistoryPlace _place = from;
    private bool _isAway;

    /// <summary>The place in a run's history after which nothing has happened yet.</summary>
    public static async Task<long> FindEndAsync(IQueries queries, RunId run, CancellationToken cancellation) =>
        await ReadAsync(queries, run, 0, cancellation) is [.., var last] ? last.Sequence : 0;

    /// <summary>Looks at a run until it has ended; the last update shows it ended, with all its events told.</summary>
    public async IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var began = time.GetTimestamp();
            var update = await TryLookAsync(run, cancellation);
            var cost = time.GetElapsedTime(began);
            if (update is not null)
            {
                yield return update;
                if (update.Run.State.IsFinished()) yield break;
            }

            await Task.Delay(update is null || cost * 4 < ShortestPause ? ShortestPause : cost * 4, time, cancellation);
        }
    }

    /// <summary>Null while PostgreSQL is away and somebody brings it back.</summary>
    private async Task<RunUpdate?> TryLookAsync(RunId run, CancellationToken cancellation)
    {
        try
        {
            var detail = await queries.GetRunAsync(run, cancellation)
                ?? throw new CliException(ExitCode.Unavailable, $"run {run} has disappeared from the database while it was followed");
            if (_place.FromNow) _place = new HistoryPlace(await FindEndAsync(queries, run, cancellation));
            var events = await ReadAsync(queries, run, _place.After, cancellation);
            if (events.Count > 0) _place = new HistoryPlace(events[^1].Sequence);
            if (_isAway) progress?.Report("PostgreSQL is back");
            _isAway = false;
            return new RunUpdate(detail.Run, new Lazy<RunDetail>(detail), events, _place);
        }
        catch (StoreException away) when (away.MayPass)
        {
            if (waits is null || !await waits()) throw;
            if (!_isAway) progress?.Report($"{away.Message.TrimEnd('.')}; waiting until it is back");
            _isAway = true;
            return null;
        }
    }

    private static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        IQueries queries, RunId run, long after, CancellationToken cancellation)
    {
        var all = new List<HistoryEntry>();
        while (true)
        {
            var page = await queries.GetHistoryAsync(run, null, after, Page, cancellation);
            all.AddRange(page);
            if (page.Count < Page) return all;
            after = page[^1].Sequence;
        }
    }
}
