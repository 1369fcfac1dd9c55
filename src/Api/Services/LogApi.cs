using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Logs;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Validation;
using OrleansFlow.Api.Watching;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Services;

/// <summary>The logs of attempts.</summary>
internal sealed class LogApi(ApiParts parts, RunFinder runs, RunFeeds feeds)
{
    private readonly LogStreaming _streaming = new(parts, feeds);

    public RpcService Service() => RpcService.For(LogServiceReflection.Descriptor.Services[0])
        .Unary<ListLogRecordsRequest, ListLogRecordsResponse>("ListLogRecords", ListAsync)
        .ServerStreaming<StreamLogsRequest, StreamLogsResponse>("StreamLogs", _streaming.StreamAsync);

    private async Task<ListLogRecordsResponse> ListAsync(ListLogRecordsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var (scope, epoch) = check.Read(
            "parent", request.Parent, "runs/{run}/tasks/{task}/attempts/{epoch}, for elements runs/{run}/tasks/{task}/elements/{index}/attempts/{epoch}",
            ResourceNames.Attempt);
        var size = check.PageSize(request.PageSize, 1000, 10_000);
        if (request.Tail < 0) check.Add("tail", "OUT_OF_RANGE", $"{request.Tail} is less than 0");
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 2) is [var number, var offset]
            ? (Epoch: PageKey.Whole(number), Offset: PageKey.Number(offset))
            : ((int Epoch, long Offset)?)null;
        if (after?.Offset < 0) throw ApiError.PageToken();
        var (run, task) = await runs.TaskAsync(scope, "parent", context.Cancellation);
        var attempt = Find(task, after?.Epoch ?? epoch, request.Parent);
        var response = new ListLogRecordsResponse();
        if (attempt is null) return response;
        var log = new LogTail(parts.Logs, run.Run.Dag, attempt.Key, after?.Offset ?? 0);
        if (after is null && request.Tail > 0) await log.SkipToTailAsync(request.Tail, context.Cancellation);
        var more = await FillAsync(response, log, attempt, size, context.Cancellation);
        var isEmpty = response.LogRecords.Count == 0 && after is null;
        response.Removed = isEmpty && attempt.EndedAt < await parts.Logs.ReadRemovedBeforeAsync(context.Cancellation);
        if (more || !attempt.State.IsFinished())
            response.NextPageToken = PageToken.Write(request, PageKey.Of(attempt.Key.Epoch), PageKey.Of(log.Offset));
        return response;
    }

    private static async Task<bool> FillAsync(
        ListLogRecordsResponse response, LogTail log, Domain.Tasks.Attempt attempt, int size, CancellationToken cancellation)
    {
        for (var bytes = 0; response.LogRecords.Count < size && bytes < PageBytes.Most;)
        {
            var records = await log.ReadAsync(attempt.State.IsFinished(), size - response.LogRecords.Count, cancellation);
            if (records.Count == 0) return false;
            response.LogRecords.AddRange(records);
            bytes += records.Sum(record => record.CalculateSize());
        }

        return true;
    }

    /// <summary>The attempt that is meant; null when the last one was asked for and there is none yet.</summary>
    private static Domain.Tasks.Attempt? Find(TaskDetail task, int? epoch, string name)
    {
        if (epoch is null) return task.Attempts.Count > 0 ? task.Attempts[^1] : null;
        return task.Attempts.FirstOrDefault(attempt => attempt.Key.Epoch == epoch) ?? throw ApiError.NotFound(
            ErrorReason.AttemptNotFound, new Contracts.V1.Attempt(), name, "GetTaskInstance shows those that there are.");
    }
}
