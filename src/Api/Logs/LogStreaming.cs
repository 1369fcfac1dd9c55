using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Services;
using OrleansFlow.Api.Validation;
using OrleansFlow.Api.Watching;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Queries;
using TaskStates = OrleansFlow.Domain.Tasks.TaskStates;

namespace OrleansFlow.Api.Logs;

/// <summary><c>StreamLogs</c>: what tasks wrote, and what they write. Whose attempts there are is learnt from the feed of the run.</summary>
internal sealed class LogStreaming(ApiParts parts, RunFeeds feeds)
{
    private const int MostRecords = 500;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private readonly StreamGate _gate = new("StreamLogs", parts.Limits.MaxFileStreams, parts.Limits.MaxConnectionStreams);

    public async IAsyncEnumerable<StreamLogsResponse> StreamAsync(StreamLogsRequest request, RpcContext context)
    {
        var (scope, epoch) = Read(request);
        using var place = _gate.Enter(context);
        var cursor = LogCursor.Read(scope.Run, request.Cursor);
        using var lease = await feeds.JoinAsync(scope.Run, context.Cancellation);
        var selection = new LogSelection(scope, epoch, request.AllAttempts, cursor);
        var look = lease.Feed.Look();
        selection.RequireSome(look.Tasks);
        // whoever came back learns that it is so, also of tasks that say nothing
        await context.SendHeadersAsync();
        var reading = new Dictionary<AttemptKey, LogTail>();
        var attempts = selection.Attempts(look.Tasks);
        for (var tail = request.Cursor.Length == 0 ? request.Tail : 0; ; tail = 0)
        {
            // Looked at before reading: what was written before the end is read after it.
            var over = !request.Follow || selection.IsOver(look.Tasks, look.IsOver);
            var isBusy = false;
            foreach (var attempt in attempts)
            {
                var log = await OpenAsync(reading, look.Dag, attempt.Key, cursor, tail, context);
                var ended = attempt.State.IsFinished();
                while (await log.ReadAsync(ended, MostRecords, context.Cancellation) is { Count: > 0 } records)
                {
                    cursor.Set(attempt.Key, log.Offset);
                    var message = new StreamLogsResponse { Cursor = cursor.Write(scope.Run) };
                    message.LogRecords.AddRange(records);
                    yield return message;
                    if (ended || !request.Follow) continue;
                    // It may go on and on: the others get their turn.
                    isBusy = true;
                    break;
                }

                if (!ended) continue;
                selection.Done(attempt.Key);
                reading.Remove(attempt.Key);
            }

            if (over && !isBusy) yield break;
            if (context.Stopping.IsCancellationRequested) throw ApiError.NotInCharge();
            if (!isBusy) await Task.Delay(LookEvery, parts.Time, context.Cancellation);
            attempts.RemoveAll(attempt => attempt.State.IsFinished());
            if (!look.Changed.IsCompleted) continue;
            look = lease.Feed.Look();
            attempts = selection.Attempts(look.Tasks);
        }
    }

    private async Task<LogTail> OpenAsync(
        Dictionary<AttemptKey, LogTail> reading, DagId dag, AttemptKey attempt, LogCursor cursor, int tail, RpcContext context)
    {
        if (reading.TryGetValue(attempt, out var open)) return open;
        var log = reading[attempt] = new LogTail(parts.Logs, dag, attempt, cursor.Places.GetValueOrDefault(attempt));
        if (tail > 0) await log.SkipToTailAsync(tail, context.Cancellation);
        return log;
    }

    private static (Scope Scope, int? Epoch) Read(StreamLogsRequest request)
    {
        const string form = "runs/{run}, runs/{run}/tasks/{task}, runs/{run}/tasks/{task}/elements/{index}, or one of the latter two with /attempts/{epoch}";
        var check = new RequestCheck();
        var (scope, epoch) = check.Read<(Scope, int?)>(
            "name", request.Name, form,
            name => ResourceNames.Scope(name) is { } scope ? (scope, (int?)null) : ResourceNames.Attempt(name));
        if (request.Tail < 0) check.Add("tail", "OUT_OF_RANGE", $"{request.Tail} is less than 0");
        check.ThrowIfWrong();
        return (scope, epoch);
    }
}

/// <summary>Whose logs were asked for. Not thread-safe.</summary>
internal sealed class LogSelection(Scope scope, int? epoch, bool allAttempts, LogCursor cursor)
{
    private readonly HashSet<AttemptKey> _done = [];
    private readonly HashSet<AttemptKey> _begun = [];

    /// <summary>Refuses what names nothing.</summary>
    /// <exception cref="Rpc.RpcException">There is no such task or attempt.</exception>
    public void RequireSome(IReadOnlyList<TaskDetail> tasks)
    {
        if (scope.Task is null) return;
        var mine = tasks.Where(Includes).ToList();
        if (mine.Count == 0) throw RunFinder.NoTask(scope);
        if (epoch is { } number && !mine.Any(task => task.Attempts.Any(attempt => attempt.Key.Epoch == number)))
            throw ApiError.NotFound(ErrorReason.AttemptNotFound, new Contracts.V1.Attempt(), $"{scope}/attempts/{number}", "GetTaskInstance shows those that there are.");
    }

    /// <summary>The attempts that are to be read, in the order in which their tasks came to run.</summary>
    public List<Domain.Tasks.Attempt> Attempts(IReadOnlyList<TaskDetail> tasks)
    {
        var chosen = tasks.Where(Includes)
            .OrderBy(task => task.Task.StartedAt ?? task.Task.ScheduledAt ?? DateTimeOffset.MaxValue)
            .ThenBy(task => task.Task.Key)
            .SelectMany(Choose)
            .Where(attempt => !_done.Contains(attempt.Key) && !cursor.IsFinished(attempt.Key))
            .ToList();
        _begun.UnionWith(chosen.Select(attempt => attempt.Key));
        return chosen;
    }

    /// <summary>Nothing more comes of an attempt.</summary>
    public void Done(AttemptKey attempt)
    {
        _done.Add(attempt);
        // One before it may still have its last word.
        for (var epoch = 1; epoch < attempt.Epoch; epoch++)
            if (attempt with { Epoch = epoch } is var before && _begun.Contains(before) && !_done.Contains(before)) return;
        cursor.Finish(attempt);
    }

    /// <summary>Whether nothing more can come.</summary>
    public bool IsOver(IReadOnlyList<TaskDetail> tasks, bool runIsOver) => runIsOver || (scope.Task is not null && tasks.Where(Includes).All(task =>
        epoch is { } number && task.Attempts.FirstOrDefault(attempt => attempt.Key.Epoch == number) is { } attempt
            ? AttemptStates.IsFinished(attempt.State)
            : TaskStates.IsFinished(task.Task.State)));

    // Without being asked for all: the last one, and whatever was begun with.
    private IEnumerable<Domain.Tasks.Attempt> Choose(TaskDetail task) => epoch is { } number
        ? task.Attempts.Where(attempt => attempt.Key.Epoch == number)
        : task.Attempts.Where((attempt, i) =>
            allAttempts || i == task.Attempts.Count - 1 || _begun.Contains(attempt.Key) || cursor.Places.ContainsKey(attempt.Key));

    private bool Includes(TaskDetail task) =>
        (scope.Task is not { } only || task.Task.Key.Task == only) && (scope.MapIndex is not { } element || task.Task.Key.MapIndex == element);
}
