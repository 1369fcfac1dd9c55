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

/// <summary><c>WatchRunEvents</c>: every event of a run once, read page by page as the caller takes them.</summary>
internal sealed class EventWatching(ApiParts parts, RunFinder runs)
{
    private const int PageSize = 1000;
    private readonly StreamGate _gate = new("the number of open WatchRunEvents streams", parts.Limits.MaxEventWatches);

    public async IAsyncEnumerable<WatchRunEventsResponse> WatchAsync(WatchRunEventsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var run = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.ThrowIfWrong();
        var cursor = EventCursor.Read(run, request.Cursor);
        using var place = _gate.Enter();
        using var patience = new SlowReader(context, parts.Time);
        await runs.RunAsync(run, context.Cancellation);
        // whoever came back learns that it is so, also of a run in which nothing happens
        await context.SendHeadersAsync();
        using var news = new HistorySignal(parts, run, context.Stopping);
        if (cursor is null && request.FromNow)
        {
            cursor = await NowAsync(run, context.Cancellation);
            yield return patience.Sending(new WatchRunEventsResponse { Cursor = cursor.Write(run) });
            patience.Sent();
        }

        cursor ??= EventCursor.Start;
        while (true)
        {
            var heard = news.Next;
            // Asked before reading: what was committed before the end is read after it.
            var over = await parts.Pages.FindRunRowAsync(run, context.Cancellation) is not { } row || row.State.IsFinished();
            var (events, next, complete) = await ReadAsync(run, cursor, context.Cancellation);
            if (events.Count > 0)
            {
                var message = new WatchRunEventsResponse { Cursor = next.Write(run) };
                message.Events.AddRange(events.Select(entry => entry.ToProto()));
                yield return patience.Sending(message);
                patience.Sent();
            }

            cursor = next;
            if (!complete) continue;
            if (over) yield break;
            if (context.Stopping.IsCancellationRequested) throw ApiError.NotInCharge();
            await news.WaitAsync(heard, context.Cancellation);
        }
    }

    /// <summary>The cursor of a moment: what is there counts as sent.</summary>
    public async Task<string> CursorOfNowAsync(RunId run, CancellationToken cancellation) => (await NowAsync(run, cancellation)).Write(run);

    private async Task<EventCursor> NowAsync(RunId run, CancellationToken cancellation)
    {
        var settled = (await parts.Pages.ReadHistoryAsync(run, null, long.MaxValue, 1, cancellation)).SettledTo;
        var beyond = await parts.Pages.ReadHistoryAsync(run, null, settled, PageSize, cancellation);
        return new EventCursor(settled, [.. beyond.Entries.Select(entry => entry.Sequence)]);
    }

    private async Task<(IReadOnlyList<HistoryEntry> Events, EventCursor Next, bool Complete)> ReadAsync(
        RunId run, EventCursor cursor, CancellationToken cancellation)
    {
        var limit = PageSize + cursor.Beyond.Count;
        var page = await parts.Pages.ReadHistoryAsync(run, null, cursor.Settled, limit, cancellation);
        var complete = page.Entries.Count < limit;
        var sent = cursor.Beyond.ToHashSet();
        // Beyond the last event of a full page there may be more, settled or not.
        var settled = complete || page.Entries.Count == 0 ? page.SettledTo : Math.Min(page.SettledTo, page.Entries[^1].Sequence);
        settled = Math.Max(settled, cursor.Settled);
        var next = new EventCursor(settled, [.. page.Entries.Select(entry => entry.Sequence).Where(sequence => sequence > settled)]);
        return ([.. page.Entries.Where(entry => !sent.Contains(entry.Sequence))], next, complete);
    }
}
