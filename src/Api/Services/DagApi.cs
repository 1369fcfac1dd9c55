using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using ApplyOutcome = OrleansFlow.Contracts.V1.ApplyOutcome;

namespace OrleansFlow.Api.Services;

/// <summary>DAGs: check, apply, look at, pause.</summary>
internal sealed class DagApi(ApiParts parts, DagFinder dags)
{
    private static readonly Lazy<string> s_schema = new(DagSchema.Generate);
    private readonly CommandDesk _desk = new(parts);

    public RpcService Service() => RpcService.For(DagServiceReflection.Descriptor.Services[0])
        .Unary<ValidateDagRequest, DagReport>("ValidateDag", (request, _) => Task.FromResult(DagReading.Read(request.Source, "source").Report()))
        .Unary<ApplyDagRequest, ApplyDagResponse>("ApplyDag", ApplyAsync)
        .Unary<GetDagRequest, Dag>("GetDag", GetAsync)
        .Unary<ListDagsRequest, ListDagsResponse>("ListDags", ListAsync)
        .Unary<GetDagVersionRequest, Contracts.V1.DagVersion>("GetDagVersion", GetVersionAsync)
        .Unary<ListDagVersionsRequest, ListDagVersionsResponse>("ListDagVersions", ListVersionsAsync)
        .Unary<PauseDagRequest, PauseDagResponse>("PauseDag", PauseAsync)
        .Unary<UnpauseDagRequest, UnpauseDagResponse>("UnpauseDag", UnpauseAsync)
        .Unary<GetDagSchemaRequest, GetDagSchemaResponse>(
            "GetDagSchema", (_, _) => Task.FromResult(new GetDagSchemaResponse { SchemaJson = s_schema.Value }));

    private async Task<ApplyDagResponse> ApplyAsync(ApplyDagRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        var read = DagReading.Read(request.Source, "source");
        var version = read.Valid();
        var id = version.Spec.Id;
        var before = await parts.Queries.GetDagAsync(id, context.Cancellation);
        var previous = before?.Versions.FirstOrDefault(known => known.Hash == before.Head.CurrentHash);
        var response = new ApplyDagResponse { Dag = ResourceNames.Of(id), Version = ResourceNames.OfVersion(id, version.Hash) };
        response.Problems.AddRange(read.Problems);
        if (request.ValidateOnly)
        {
            response.Outcome = previous is null ? ApplyOutcome.Created : previous.Hash == version.Hash ? ApplyOutcome.Unchanged : ApplyOutcome.Updated;
        }
        else
        {
            var reply = await _desk.AskAsync(context, request.RequestId, request.Why, (by, cancellation) => parts.Peers.Dag(id).ApplyAsync(
                new ApplyDag(version.Hash, version.Canonical, read.SourceFile) { By = by }, cancellation));
            if (reply.Problem is { } problem) throw ApiError.Precondition(ErrorReason.CommandRefused, ResourceNames.Of(id), problem);
            response.Outcome = reply.Change.ToProto();
            previous = reply.PreviousHash is { } hash ? await parts.Pages.FindVersionAsync(hash, context.Cancellation) : null;
        }

        if (previous is null) return response;
        response.PreviousVersion = ResourceNames.OfVersion(id, previous.Hash);
        response.Changes.AddRange(DagDiff.Compare(previous.Spec, version.Canonical).Select(change => change.ToProto()));
        return response;
    }

    private async Task<Dag> GetAsync(GetDagRequest request, RpcContext context)
    {
        var dag = ReadName(request.Name);
        return await dags.DescribeAsync(await dags.DagAsync(dag, context.Cancellation), docs: true, context.Cancellation);
    }

    private async Task<ListDagsResponse> ListAsync(ListDagsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 1) is [var last] ? new DagId(last) : (DagId?)null;
        var filter = new DagFilter
        {
            Paused = request.HasPaused ? request.Paused : null,
            Owner = request.Owner.Length > 0 ? request.Owner : null,
            Tags = request.Tags,
            After = after,
            Limit = size + 1,
        };
        var page = await parts.Pages.PageDagsAsync(filter, context.Cancellation);
        var response = new ListDagsResponse();
        foreach (var dag in page.Take(size)) response.Dags.Add(await dags.DescribeAsync(dag, docs: false, context.Cancellation));
        if (page.Count > size) response.NextPageToken = PageToken.Write(request, page[size - 1].Head.Id.Value);
        return response;
    }

    private async Task<Contracts.V1.DagVersion> GetVersionAsync(GetDagVersionRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var (id, hash) = check.Read("name", request.Name, ResourceNames.VersionForm, ResourceNames.Version);
        check.ThrowIfWrong();
        var (dag, version) = await dags.VersionAsync(id, hash, context.Cancellation);
        return version.ToProto(dag.CurrentHash == version.Hash);
    }

    private async Task<ListDagVersionsResponse> ListVersionsAsync(ListDagVersionsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var id = check.Read("parent", request.Parent, ResourceNames.DagForm, ResourceNames.Dag);
        var size = check.PageSize(request.PageSize);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 2) is [var at, var hash] ? new VersionHead(hash, PageKey.Instant(at)) : null;
        var dag = await dags.HeadAsync(id, context.Cancellation);
        var page = await parts.Pages.PageVersionsAsync(id, after, size + 1, context.Cancellation);
        var response = new ListDagVersionsResponse();
        response.DagVersions.AddRange(page.Take(size).Select(version => version.ToProto(id, version.Hash == dag.CurrentHash)));
        if (page.Count > size) response.NextPageToken = PageToken.Write(request, PageKey.Of(page[size - 1].CreatedAt), page[size - 1].Hash);
        return response;
    }

    private async Task<PauseDagResponse> PauseAsync(PauseDagRequest request, RpcContext context)
    {
        var (dag, changed) = await SetPausedAsync(request.Name, true, request.Why, request.RequestId, context);
        return new PauseDagResponse { Dag = dag, Changed = changed };
    }

    private async Task<UnpauseDagResponse> UnpauseAsync(UnpauseDagRequest request, RpcContext context)
    {
        var (dag, changed) = await SetPausedAsync(request.Name, false, request.Why, request.RequestId, context);
        return new UnpauseDagResponse { Dag = dag, Changed = changed };
    }

    private async Task<(Dag Dag, bool Changed)> SetPausedAsync(string name, bool paused, string why, string requestId, RpcContext context)
    {
        var check = new RequestCheck();
        var id = check.Read("name", name, ResourceNames.DagForm, ResourceNames.Dag);
        check.Command(why, requestId);
        check.ThrowIfWrong();
        var reply = await _desk.AskAsync(
            context, requestId, why, (by, cancellation) => parts.Peers.Dag(id).SetPausedAsync(new SetPaused(paused) { By = by }, cancellation));
        if (!reply.Known) throw DagFinder.NoDag(id);
        var dag = await dags.DagAsync(id, context.Cancellation);
        return (await dags.DescribeAsync(dag, docs: true, context.Cancellation), reply.Changed);
    }

    private static DagId ReadName(string name)
    {
        var check = new RequestCheck();
        var dag = check.Read("name", name, ResourceNames.DagForm, ResourceNames.Dag);
        check.ThrowIfWrong();
        return dag;
    }
}
