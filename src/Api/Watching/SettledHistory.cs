using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// Reads what is settled of the history. That something is settled is only noted when somebody looks: with any write under way the first look
/// knows no more than the one before it, maybe of hours ago, so it looks again until it knows of what it has seen.
/// </summary>
internal static class SettledHistory
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(1000);

    /// <summary>A page of the history, and whether all that was there at first is settled by now. It waits for that, but not for ever.</summary>
    public static async Task<(HistoryPage Page, bool IsSettled)> ReadAsync(
        ApiParts parts, RunId run, TaskId? task, long after, int limit, CancellationToken cancellation)
    {
        long? last = null;
        for (var pause = FirstPause; ; pause *= 2)
        {
            var page = await parts.Pages.ReadHistoryAsync(run, task, after, limit, cancellation);
            last ??= page.Entries.Count > 0 ? page.Entries[^1].Sequence : 0;
            if (page.SettledTo >= last || pause > LongestPause) return (page, page.SettledTo >= last);
            await Task.Delay(pause, parts.Time, cancellation);
        }
    }
}
