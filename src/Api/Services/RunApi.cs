using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Validation;
using OrleansFlow.Api.Watching;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Services;

/// <summary>Runs: make, look at, follow, cancel, run again.</summary>
internal sealed class RunApi(ApiParts parts, DagFinder dags, RunFinder runs, RunFeeds feeds)
{
    private const int MostTasksAtOnce = 10_000;

    /// <summary>Clients take 4 MiB, and what is around the message counts too.</summary>
    private const int MostBytesAtOnce = 4 * 1024 * 1024 - 4096;

    private readonly CommandDesk _desk = new(parts);
    private readonly RunTrigger _trigger = new(parts, dags);
    private readonly RunWatching _watching = new(parts, feeds);
    private readonly EventWatching _events = new(parts, runs);

    public RpcService Service() => RpcService.For(RunServiceReflection.Descriptor.Services[0])
        .Unary<TriggerRunRequest, Run>("TriggerRun", _trigger.TriggerAsync)
        .Unary<GetRunRequest, Run>("GetRun", GetAsync)
        .Unary<ListRunsRequest, ListRunsResponse>("ListRuns", ListAsync)
        .ServerStreaming<WatchRunRequest, WatchRunResponse>("WatchRun", _watching.WatchAsync)
        .Unary<ListRunEventsRequest, ListRunEventsResponse>("ListRunEvents", ListEventsAsync)
        .ServerStreaming<WatchRunEventsRequest, WatchRunEventsResponse>("WatchRunEvents", _events.WatchAsync)
        .Unary<CancelRunRequest, CancelRunResponse>("CancelRun", CancelAsync)
        .Unary<RerunRunRequest, RerunRunResponse>("RerunRun", RerunAsync);

    private async Task<Run> GetAsync(GetRunRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var id = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        var mask = ReadMask.Read("read_mask", request.ReadMask, Run.Descriptor, check);
        check.ThrowIfWrong();
        var summary = await runs.RunAsync(id, context.Cancellation);
        var run = mask?.Wants("tasks") == false ? summary.ToProto() : await WithTasksAsync(summary, context);
        mask?.Apply(run);
        return run.Tasks.Count > 0 && run.CalculateSize() > MostBytesAtOnce ? throw TooLarge(id, run.Tasks.Count) : run;
    }

    private async Task<Run> WithTasksAsync(RunSummary summary, RpcContext context)
    {
        var (id, tasks) = (summary.Run.Id, summary.TasksByState.Values.Sum());
        if (tasks > MostTasksAtOnce) throw TooLarge(id, tasks);
        var detail = await parts.Queries.GetRunAsync(id, context.Cancellation) ?? throw RunFinder.NoRun(id);
        return detail.ToProto(runs.LogsOf(detail.Run.Dag));
    }

    private static RpcException TooLarge(RunId id, int tasks) => ApiError.Precondition(
        ErrorReason.RunTooLarge, ResourceNames.Of(id),
        $"The run has {tasks} tasks, which do not fit in one message: leave 'tasks' out by read_mask, and list them by ListTaskInstances",
        ("run", ResourceNames.Of(id)), ("tasks", PageKey.Of(tasks)));

    private async Task<ListRunsResponse> ListAsync(ListRunsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize);
        var dag = request.Dag.Length == 0 ? (DagId?)null : check.Read("dag", request.Dag, ResourceNames.DagForm, ResourceNames.Dag);
        check.Members("states", request.States);
        var since = check.Instant("created_since", request.CreatedSince);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 3) is [var created, var date, var run]
            ? new RunPosition(PageKey.Instant(created), PageKey.Instant(date), new RunId(run))
            : null;
        if (dag is { } only) await dags.HeadAsync(only, context.Cancellation);
        var filter = new RunFilter
        {
            Dag = dag,
            States = [.. request.States.Select(state => state.ToDomain())],
            Since = since,
            After = after,
            Limit = size + 1,
        };
        var page = await parts.Queries.ListRunsAsync(filter, context.Cancellation);
        var response = new ListRunsResponse();
        response.Runs.AddRange(page.Take(size).Select(found => found.ToProto()));
        if (page.Count <= size) return response;
        var last = page[size - 1].Run;
        response.NextPageToken = PageToken.Write(request, PageKey.Of(last.CreatedAt), PageKey.Of(last.LogicalDate), last.Id.Value);
        return response;
    }

    private async Task<ListRunEventsResponse> ListEventsAsync(ListRunEventsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var scope = check.Read("parent", request.Parent, "runs/{run} or runs/{run}/tasks/{task}", ResourceNames.Scope);
        if (scope.MapIndex is not null) check.Add("parent", "MALFORMED", "the history of a mapped task is that of all its elements: name the task");
        var size = check.PageSize(request.PageSize);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 1) is [var last] ? PageKey.Number(last) : 0;
        await runs.ScopeAsync(scope, context.Cancellation);
        var (page, isSettled) = await SettledHistory.ReadAsync(parts, scope.Run, scope.Task, after, size + 1, context.Cancellation);
        var settled = page.Entries.Where(entry => entry.Sequence <= page.SettledTo).ToList();
        var response = new ListRunEventsResponse();
        response.Events.AddRange(settled.Take(size).Select(entry => entry.ToProto()));
        if (settled.Count > size) response.NextPageToken = PageToken.Write(request, PageKey.Of(settled[size - 1].Sequence));
        else if (!isSettled) response.NextPageToken = PageToken.Write(request, PageKey.Of(settled.Count > 0 ? settled[^1].Sequence : after));
        return response;
    }

    private async Task<CancelRunResponse> CancelAsync(CancelRunRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var id = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        await runs.RunAsync(id, context.Cancellation);
        var reply = await _desk.AskAsync(
            context, request.RequestId, request.Why, (by, cancellation) => parts.Peers.Run(id).CancelAsync(new CancelRun { By = by }, cancellation));
        var after = await runs.RunAsync(id, context.Cancellation);
        if (!reply.Accepted && !after.Run.State.IsFinished()) throw Refused(id, reply);
        return new CancelRunResponse { Run = after.ToProto(), Changed = reply.Changed };
    }

    private async Task<RerunRunResponse> RerunAsync(RerunRunRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var id = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        await runs.RunAsync(id, context.Cancellation);
        var cleared = await ClearAsync(id, request.RequestId, request.Why, new ClearTasks { OnlyFailed = request.OnlyFailed }, context);
        return new RerunRunResponse { Run = cleared.Run, ClearedCount = cleared.Count, EventsCursor = cleared.EventsCursor };
    }

    /// <summary>Clears task instances of a run that exists.</summary>
    internal async Task<(Run Run, int Count, string EventsCursor)> ClearAsync(RunId id, string requestId, string why, ClearTasks clear, RpcContext context)
    {
        var cursor = await _events.CursorOfNowAsync(id, context.Cancellation);
        var reply = await _desk.AskAsync(
            context, requestId, why, (by, cancellation) => parts.Peers.Run(id).ClearAsync(clear with { By = by, Note = cursor }, cancellation));
        if (!reply.Accepted) throw Refused(id, reply);
        var run = await runs.RunAsync(id, context.Cancellation);
        return (run.ToProto(), reply.Affected, reply.Note ?? cursor);
    }

    private static RpcException Refused(RunId id, CommandReply reply)
    {
        var problem = reply.Problem ?? "the run refused the command";
        return problem.StartsWith("nothing to clear", StringComparison.Ordinal)
            ? ApiError.Precondition(ErrorReason.NothingToClear, ResourceNames.Of(id), problem, ("run", ResourceNames.Of(id)))
            : ApiError.Precondition(ErrorReason.CommandRefused, ResourceNames.Of(id), problem);
    }
}
