using Google.Protobuf;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using Data = OrleansFlow.Domain.Data;

namespace OrleansFlow.Api.Services;

/// <summary>Task instances, what they published, and why they wait.</summary>
internal sealed class TaskApi(ApiParts parts, RunFinder runs, RunApi commands)
{
    private const int ChunkBytes = 256 * 1024;
    private const int MostTasksNamed = 1000;
    private readonly StreamGate _gate = new("DownloadArtifact", parts.Limits.MaxFileStreams, parts.Limits.MaxConnectionStreams);

    public RpcService Service() => RpcService.For(TaskServiceReflection.Descriptor.Services[0])
        .Unary<GetTaskInstanceRequest, TaskInstance>("GetTaskInstance", GetAsync)
        .Unary<ListTaskInstancesRequest, ListTaskInstancesResponse>("ListTaskInstances", ListAsync)
        .Unary<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse>("ExplainTaskInstance", ExplainAsync)
        .Unary<ClearTaskInstancesRequest, ClearTaskInstancesResponse>("ClearTaskInstances", ClearAsync)
        .Unary<ListArtifactsRequest, ListArtifactsResponse>("ListArtifacts", ListArtifactsAsync)
        .ServerStreaming<DownloadArtifactRequest, DownloadArtifactResponse>("DownloadArtifact", DownloadAsync)
        .Unary<GetXcomRequest, Xcom>("GetXcom", GetXcomAsync)
        .Unary<ListXcomsRequest, ListXcomsResponse>("ListXcoms", ListXcomsAsync);

    private async Task<TaskInstance> GetAsync(GetTaskInstanceRequest request, RpcContext context)
    {
        var (run, task) = await runs.TaskAsync(ReadTask(request.Name), "name", context.Cancellation);
        return task.ToProto(runs.LogsOf(run.Run.Dag));
    }

    private async Task<ListTaskInstancesResponse> ListAsync(ListTaskInstancesRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var scope = check.Read("parent", request.Parent, "runs/{run} or runs/{run}/tasks/{task}", ResourceNames.Scope);
        var size = check.PageSize(request.PageSize);
        check.Members("states", request.States);
        var mask = ReadMask.Read("read_mask", request.ReadMask, TaskInstance.Descriptor, check);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 2) is [var task, var element]
            ? PageKey.Task(scope.Run, task, element)
            : (TaskKey?)null;
        var run = await runs.ScopeAsync(scope, context.Cancellation);
        var page = await parts.Pages.PageTasksAsync(
            new TaskFilter
            {
                Run = scope.Run,
                Task = scope.Task,
                MapIndex = scope.MapIndex,
                States = [.. request.States.Select(state => state.ToDomain())],
                After = after,
                Limit = size + 1,
            },
            context.Cancellation);
        var response = new ListTaskInstancesResponse();
        var count = PageBytes.Fill(response.TaskInstances, page.Take(size).Select(found =>
        {
            var instance = found.ToProto(runs.LogsOf(run.Run.Dag));
            mask?.Apply(instance);
            return instance;
        }));
        if (page.Count > count) response.NextPageToken = PageToken.Write(request, PageKey.Of(page[count - 1].Task.Key));
        return response;
    }

    private async Task<ExplainTaskInstanceResponse> ExplainAsync(ExplainTaskInstanceRequest request, RpcContext context)
    {
        var scope = ReadTask(request.Name);
        var (run, task) = await runs.TaskAsync(scope, "name", context.Cancellation);
        var detail = await parts.Queries.GetRunAsync(scope.Run, context.Cancellation) ?? throw RunFinder.NoRun(scope.Run);
        var facts = await WhyFacts.GatherAsync(parts.Queries, detail, task, parts.Time.GetUtcNow(), context.Cancellation);
        var why = Explainer.Explain(facts);
        var response = new ExplainTaskInstanceResponse
        {
            TaskInstance = task.ToProto(runs.LogsOf(run.Run.Dag)),
            Summary = why.Summary,
            Advice = why.Advice ?? "",
        };
        response.Facts.AddRange(why.Facts);
        return response;
    }

    private async Task<ClearTaskInstancesResponse> ClearAsync(ClearTaskInstancesRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var run = check.Read("parent", request.Parent, ResourceNames.RunForm, ResourceNames.Run);
        for (var i = 0; i < request.TaskIds.Count; i++)
            if (IdRules.Problem(request.TaskIds[i]) is { } problem) check.Add($"task_ids[{i}]", "MALFORMED", problem);
        if (request.TaskIds.Count > MostTasksNamed) check.Add("task_ids", "OUT_OF_RANGE", $"it has {request.TaskIds.Count} ids, at most {MostTasksNamed} are allowed");
        if (request.HasMapIndex && request.TaskIds.Count != 1)
            check.Add("map_index", "MALFORMED", "an element is of one task: name that task, and no other, in task_ids");
        if (request is { HasMapIndex: true, MapIndex: < 0 }) check.Add("map_index", "OUT_OF_RANGE", $"{request.MapIndex} is less than 0");
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        await runs.RunAsync(run, context.Cancellation);
        foreach (var id in request.TaskIds.Distinct(StringComparer.Ordinal))
            await runs.ScopeAsync(new Scope(run, new TaskId(id), request.HasMapIndex ? request.MapIndex : null), context.Cancellation);
        var cleared = await commands.ClearAsync(
            run,
            request.RequestId,
            request.Why,
            new ClearTasks
            {
                Tasks = [.. request.TaskIds.Distinct(StringComparer.Ordinal).Select(id => new TaskId(id))],
                MapIndex = request.HasMapIndex ? request.MapIndex : null,
                Downstream = request.Downstream,
                OnlyFailed = request.OnlyFailed,
            },
            context);
        return new ClearTaskInstancesResponse { Run = cleared.Run, ClearedCount = cleared.Count, EventsCursor = cleared.EventsCursor };
    }

    private async Task<ListArtifactsResponse> ListArtifactsAsync(ListArtifactsRequest request, RpcContext context)
    {
        var (filter, size) = await ReadListAsync(request, request.Parent, request.PageSize, request.PageToken, context);
        var page = await parts.Pages.PageArtifactsAsync(filter, context.Cancellation);
        var response = new ListArtifactsResponse();
        response.Artifacts.AddRange(page.Take(size).Select(artifact => artifact.ToProto()));
        if (page.Count > size) response.NextPageToken = PageToken.Write(request, [.. PageKey.Of(page[size - 1].Task), page[size - 1].Name]);
        return response;
    }

    private async Task<ListXcomsResponse> ListXcomsAsync(ListXcomsRequest request, RpcContext context)
    {
        var (filter, size) = await ReadListAsync(request, request.Parent, request.PageSize, request.PageToken, context);
        var page = await parts.Pages.PageXcomsAsync(filter, context.Cancellation);
        var response = new ListXcomsResponse();
        var count = PageBytes.Fill(response.Xcoms, page.Take(size).Select(xcom => xcom.ToProto()));
        if (page.Count > count) response.NextPageToken = PageToken.Write(request, [.. PageKey.Of(page[count - 1].Task), page[count - 1].Key]);
        return response;
    }

    private async Task<(ValueFilter Filter, int Size)> ReadListAsync(
        IMessage request, string parent, int pageSize, string pageToken, RpcContext context)
    {
        var check = new RequestCheck();
        var scope = check.Read("parent", parent, ResourceNames.ScopeForm, ResourceNames.Scope);
        var size = check.PageSize(pageSize);
        check.ThrowIfWrong();
        (TaskKey, string)? after = PageToken.Read(request, pageToken, 3) is [var task, var element, var name]
            ? (PageKey.Task(scope.Run, task, element), name)
            : null;
        await runs.ScopeAsync(scope, context.Cancellation);
        var filter = new ValueFilter { Run = scope.Run, Task = scope.Task, MapIndex = scope.MapIndex, After = after, Limit = size + 1 };
        return (filter, size);
    }

    private async Task<Xcom> GetXcomAsync(GetXcomRequest request, RpcContext context)
    {
        var value = ReadValue(request.Name, "xcoms");
        return (await XcomAsync(value, request.Name, context)).ToProto();
    }

    private async Task<Data.Xcom> XcomAsync(ResourceValue value, string name, RpcContext context)
    {
        var (_, task) = await runs.TaskAsync(value.Task, "name", context.Cancellation);
        var found = await parts.Pages.PageXcomsAsync(Only(task, value.Id), context.Cancellation);
        return found.Count > 0 ? found[0] : throw ApiError.NotFound(
            ErrorReason.XcomNotFound, new Xcom(), name, "ListXcoms shows those that there are; a task that was cleared has none.");
    }

    private async Task<Data.Artifact> ArtifactAsync(ResourceValue value, string name, RpcContext context)
    {
        var (_, task) = await runs.TaskAsync(value.Task, "name", context.Cancellation);
        var found = await parts.Pages.PageArtifactsAsync(Only(task, value.Id), context.Cancellation);
        return found.Count > 0 ? found[0] : throw NoArtifact(name);
    }

    private async IAsyncEnumerable<DownloadArtifactResponse> DownloadAsync(DownloadArtifactRequest request, RpcContext context)
    {
        var value = ReadValue(request.Name, "artifacts", "xcoms");
        using var place = _gate.Enter(context);
        var (artifact, inline) = value.Kind == "xcoms"
            ? (await XcomAsync(value, request.Name, context)).ToArtifact()
            : (await ArtifactAsync(value, request.Name, context), null);
        if (request.Offset < 0 || request.Offset > artifact.Size) throw ApiError.OffsetOutOfRange(request.Offset, artifact.Size);
        await using var content = inline is null ? await OpenAsync(artifact.Uri, request.Name, context.Cancellation) : new MemoryStream(inline);
        if (content.CanSeek) content.Seek(request.Offset, SeekOrigin.Begin);
        else await SkipAsync(content, request.Offset, context.Cancellation);
        var header = artifact.ToProto();
        header.Name = request.Name;
        yield return new DownloadArtifactResponse { Artifact = header };
        var buffer = new byte[ChunkBytes];
        var (left, count) = (artifact.Size - request.Offset, 0);
        for (; (count = await content.ReadAtLeastAsync(buffer, ChunkBytes, throwOnEndOfStream: false, context.Cancellation)) > 0; left -= count)
            yield return new DownloadArtifactResponse { Data = ByteString.CopyFrom(buffer, 0, count) };
        if (left != 0) throw new InvalidDataException($"{artifact.Uri} is not as long as its row says: {left} bytes are missing");
        if (inline is null) await RequireStillAsync(value, artifact.Uri, request.Name, context);
    }

    // A clear meanwhile has made them bytes of nobody.
    private async Task RequireStillAsync(ResourceValue value, string uri, string name, RpcContext context)
    {
        var now = value.Kind == "xcoms" ? (await XcomAsync(value, name, context)).ToArtifact().File : await ArtifactAsync(value, name, context);
        if (now.Uri != uri) throw NoArtifact(name);
    }

    private async Task<Stream> OpenAsync(string uri, string name, CancellationToken cancellation)
    {
        try
        {
            return await parts.Artifacts.OpenAsync(uri, cancellation);
        }
        catch (ArtifactException)
        {
            throw NoArtifact(name);
        }
    }

    private static async Task SkipAsync(Stream content, long count, CancellationToken cancellation)
    {
        var buffer = new byte[ChunkBytes];
        while (count > 0)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellation);
            if (read == 0) return;
            count -= read;
        }
    }

    private static ValueFilter Only(TaskDetail task, string name) => new()
    {
        Run = task.Task.Key.Run,
        Task = task.Task.Key.Task,
        MapIndex = task.Task.Key.MapIndex,
        Name = name,
        Limit = 1,
    };

    private static Rpc.RpcException NoArtifact(string name) => ApiError.NotFound(
        ErrorReason.ArtifactNotFound, new Artifact(), name, "ListArtifacts shows those that there are; a task that was cleared has none.");

    private static Scope ReadTask(string name)
    {
        var check = new RequestCheck();
        var scope = check.Read("name", name, ResourceNames.TaskForm, ResourceNames.Task);
        check.ThrowIfWrong();
        return scope;
    }

    private static ResourceValue ReadValue(string name, params string[] collections)
    {
        var check = new RequestCheck();
        var form = string.Join(" or ", collections.Select(kind => $"{ResourceNames.TaskForm}, with /{kind}/{(kind == "xcoms" ? "{key}" : "{path}")}"));
        var value = check.Read("name", name, form, text => ResourceNames.Value(text, collections));
        check.ThrowIfWrong();
        return value;
    }
}
