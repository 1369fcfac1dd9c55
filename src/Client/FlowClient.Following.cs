using System.Runtime.CompilerServices;
using OrleansFlow.Client.Calls;
using OrleansFlow.Client.Following;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <content>Following runs, their history and their logs.</content>
public sealed partial class FlowClient
{
    /// <summary>Waits until a run has ended, whatever becomes of connections and servers meanwhile. Returns the run without its tasks.</summary>
    /// <param name="run">Which.</param>
    /// <param name="cancellation">Gives the waiting up; the run goes on.</param>
    /// <exception cref="Errors.FlowNotFoundException">There is none.</exception>
    /// <exception cref="Errors.FlowUnavailableException">No server answered for <see cref="FlowClientOptions.ReconnectLimit"/>.</exception>
    public async Task<Run> WaitAsync(RunId run, CancellationToken cancellation = default)
    {
        Run? last = null;
        await foreach (var snapshot in WatchRunAsync(run, statesOnly: true, cancellation)) last = snapshot.Run;
        return last!;
    }

    /// <summary>
    /// A run as it is, then as it changes, until it has ended. A reader that is slow skips states in between and always gets the latest.
    /// </summary>
    /// <param name="run">Which.</param>
    /// <param name="statesOnly">Leave the attempts and artifacts of tasks out.</param>
    /// <param name="cancellation">Gives the watching up; the run goes on.</param>
    public async IAsyncEnumerable<RunSnapshot> WatchRunAsync(
        RunId run, bool statesOnly = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var fold = new RunFold();
        await foreach (var message in _caller.FollowAsync(RunMethods.Watch, Request, () => fold.IsFinished, cancellation, Mend))
            if (fold.Apply(message) is { } snapshot)
                yield return snapshot;

        // a server of another release may not know what the one before it gave out: then it begins with the run as it is
        bool Mend(Errors.FlowException error) => error.Reason == ErrorReason.InvalidPageToken && fold.ForgetCursor();

        WatchRunRequest Request()
        {
            fold.Begin();
            return new WatchRunRequest { Name = ResourceNames.Of(run), Cursor = fold.Cursor, StatesOnly = statesOnly };
        }
    }

    /// <summary>The history of a run until it has ended: every event once, those of one task instance in order.</summary>
    /// <param name="run">Which.</param>
    /// <param name="query">Where to begin; null: at the beginning.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<HistoryEvent> WatchEventsAsync(
        RunId run, EventQuery? query = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var cursor = query?.Cursor ?? "";
        await foreach (var message in _caller.FollowAsync(RunMethods.WatchEvents, Request, () => true, cancellation))
        {
            foreach (var happened in message.Events) yield return happened;
            if (message.Cursor.Length > 0) cursor = message.Cursor;
        }

        WatchRunEventsRequest Request() => new()
        {
            Name = ResourceNames.Of(run),
            Cursor = cursor,
            FromNow = cursor.Length == 0 && query?.FromNow == true,
        };
    }

    /// <summary>The history of a run as far as it goes, oldest first.</summary>
    /// <param name="run">Which.</param>
    /// <param name="task">Only this task, with all its elements; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<HistoryEvent> ListEventsAsync(RunId run, TaskId? task = null, CancellationToken cancellation = default) =>
        _caller.PagesAsync(
            RunMethods.ListEvents,
            token => new ListRunEventsRequest
            {
                Parent = ResourceNames.Of(run, task),
                PageSize = 1000,
                PageToken = token,
            },
            page => page.Events,
            page => page.NextPageToken,
            cancellation);

    /// <summary>What tasks wrote, record by record, and with <see cref="LogQuery.Follow"/> what they write.</summary>
    /// <param name="query">Which logs.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">The query names an element or an attempt of no task, or a tail of less than one record.</exception>
    public IAsyncEnumerable<LogRecord> StreamLogsAsync(LogQuery query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Tail is < 1) throw new ArgumentException($"The tail of a log is at least one record, not {query.Tail}: leave it out for the whole log.", nameof(query));
        return StreamAsync(Name(query), query, cancellation);
    }

    private async IAsyncEnumerable<LogRecord> StreamAsync(string name, LogQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var cursor = "";
        await foreach (var message in _caller.FollowAsync(LogMethods.Stream, Request, () => true, cancellation))
        {
            foreach (var record in message.LogRecords) yield return record;
            if (message.Cursor.Length > 0) cursor = message.Cursor;
        }

        StreamLogsRequest Request() => new()
        {
            Name = name,
            Follow = query.Follow,
            Cursor = cursor,
            Tail = cursor.Length == 0 ? query.Tail ?? 0 : 0,
            AllAttempts = query.AllAttempts,
        };
    }

    /// <summary>A page of the log of one attempt.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="pageToken">Where to go on: <c>NextPageToken</c> of the page before; null: at the beginning.</param>
    /// <param name="tail">Without a token: begin that many records before the end.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ListLogRecordsResponse> ListLogRecordsAsync(
        AttemptKey attempt, string? pageToken = null, int? tail = null, CancellationToken cancellation = default) => _caller.CallAsync(
        LogMethods.List,
        new ListLogRecordsRequest { Parent = ResourceNames.Of(attempt), PageSize = 10_000, PageToken = pageToken ?? "", Tail = tail ?? 0 },
        cancellation);

    private static string Name(LogQuery query)
    {
        if (query.Task is not { } task)
        {
            return query.MapIndex is null && query.Epoch is null
                ? ResourceNames.Of(query.Run)
                : throw new ArgumentException("An element or an attempt is one of a task: name it.", nameof(query));
        }

        var key = new TaskKey(query.Run, task, query.MapIndex ?? TaskKey.NotMapped);
        return query.Epoch is { } epoch ? ResourceNames.Of(new AttemptKey(key, epoch)) : ResourceNames.Of(key);
    }
}
