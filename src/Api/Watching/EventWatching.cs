using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Services;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// <c>WatchRunEvents</c>: every event of a run once, read page by page as the caller takes them. Whoever has caught up reads what others there have
/// read.
/// </summary>
internal sealed class EventWatching(ApiParts parts, RunFinder runs)
{
    private const int PageSize = HistoryTurn.PageSize;
    private const int FewBeyond = 100;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private readonly StreamGate _gate = new("WatchRunEvents", parts.Limits.MaxEventWatches, parts.Limits.MaxConnectionStreams);
    private readonly Feeds<HistoryFeed> _feeds = new(run => new HistoryFeed(parts, run), parts.Limits.MaxFollowedRuns);

    public async IAsyncEnumerable<WatchRunEventsResponse> WatchAsync(WatchRunEventsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var run = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.ThrowIfWrong();
        var cursor = EventCursor.Read(run, request.Cursor);
        using var place = _gate.Enter(context);
        await runs.RunAsync(run, context.Cancellation);
        // whoever came back learns that it is so, also of a run in which nothing happens
        await context.SendHeadersAsync();
        using var lease = _feeds.Enter(run);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping, context.Cancellation);
        if (cursor is null && request.FromNow)
        {
            cursor = await NowAsync(run, context.Cancellation);
            yield return new WatchRunEventsResponse { Cursor = cursor.Write(run) };
        }

        cursor ??= EventCursor.Start;
        for (var turn = lease.Feed.NewTurn(); ; turn = lease.Feed.Turn)
        {
            // Asked before reading: what was committed before the end is read after it.
            var over = await turn.IsOverAsync().WaitAsync(context.Cancellation);
            var (events, next, complete) = await ReadAsync(turn, cursor, context.Cancellation);
            if (events.Count > 0)
            {
                var message = new WatchRunEventsResponse { Cursor = next.Write(run) };
                message.Events.AddRange(events.Select(entry => entry.ToProto()));
                yield return message;
            }

            cursor = next;
            if (!complete) continue;
            if (over) yield break;
            if (context.Stopping.IsCancellationRequested) throw ApiError.NotInCharge();
            await RunWatching.ChangedAsync(turn.Next, context, either.Token);
        }
    }

    /// <summary>The cursor of a moment: what is there counts as sent.</summary>
    public async Task<string> CursorOfNowAsync(RunId run, CancellationToken cancellation) => (await NowAsync(run, cancellation)).Write(run);

    private async Task<EventCursor> NowAsync(RunId run, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause *= 2)
        {
            var settled = (await parts.Pages.ReadHistoryAsync(run, null, long.MaxValue, 1, cancellation)).SettledTo;
            var beyond = await NumbersAsync(run, settled, cancellation);
            if (beyond.Count <= FewBeyond || pause > LongestPause) return EventCursor.Of(settled, beyond);
            // What is settled is only noted when somebody looks: the next look knows more, and the cursor becomes short.
            await Task.Delay(pause, parts.Time, cancellation);
        }
    }

    private async Task<List<long>> NumbersAsync(RunId run, long after, CancellationToken cancellation)
    {
        var numbers = new List<long>();
        while (true)
        {
            var page = await parts.Pages.ReadHistoryAsync(run, null, numbers.Count > 0 ? numbers[^1] : after, PageSize, cancellation);
            numbers.AddRange(page.Entries.Select(entry => entry.Sequence));
            if (page.Entries.Count < PageSize) return numbers;
        }
    }

    // Until there is a page of news, or no more. What lies beyond what is settled is looked through again each time.
    private static async Task<(IReadOnlyList<HistoryEntry> Events, EventCursor Next, bool Complete)> ReadAsync(
        HistoryTurn turn, EventCursor cursor, CancellationToken cancellation)
    {
        var sent = cursor.Beyond.ToHashSet();
        var (news, seen) = (new List<HistoryEntry>(), new List<long>());
        var (settled, isSettled, complete) = (cursor.Settled, true, false);
        while (!complete && news.Count < PageSize)
        {
            var page = await turn.ReadAsync(seen.Count > 0 ? seen[^1] : cursor.Settled).WaitAsync(cancellation);
            news.AddRange(page.Entries.Where(entry => !sent.Contains(entry.Sequence)));
            seen.AddRange(page.Entries.Select(entry => entry.Sequence));
            complete = page.Entries.Count < PageSize;
            // Beyond the last event of a full page there may be more; and what a later page knows to be settled may have come late to an earlier one.
            var end = complete ? long.MaxValue : seen[^1];
            if (isSettled) settled = Math.Max(settled, Math.Min(page.SettledTo, end));
            isSettled &= page.SettledTo >= end;
        }

        return (news, EventCursor.Of(settled, [.. seen.Where(sequence => sequence > settled)]), complete);
    }
}
