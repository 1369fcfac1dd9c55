using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Services;

/// <summary>Pools: slots that tasks share. They are few: they are read all at once.</summary>
internal sealed class PoolApi(ApiParts parts)
{
    private const string Hint = "ListPools shows those that there are; UpdatePool with allow_missing makes one.";
    private readonly CommandDesk _desk = new(parts);

    public RpcService Service() => RpcService.For(PoolServiceReflection.Descriptor.Services[0])
        .Unary<GetPoolRequest, Pool>("GetPool", GetAsync)
        .Unary<ListPoolsRequest, ListPoolsResponse>("ListPools", ListAsync)
        .Unary<UpdatePoolRequest, Pool>("UpdatePool", UpdateAsync);

    private async Task<Pool> GetAsync(GetPoolRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var name = ReadName(check, "name", request.Name);
        check.ThrowIfWrong();
        return ToProto(await FindAsync(name, context.Cancellation) ?? throw NoPool(name));
    }

    private async Task<ListPoolsResponse> ListAsync(ListPoolsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 1) is [var last] ? last : null;
        var page = (await parts.Queries.ListPoolsAsync(context.Cancellation))
            .Where(pool => after is null || string.CompareOrdinal(pool.Pool.Name, after) > 0)
            .OrderBy(pool => pool.Pool.Name, StringComparer.Ordinal)
            .Take(size + 1)
            .ToList();
        var response = new ListPoolsResponse();
        response.Pools.AddRange(page.Take(size).Select(ToProto));
        if (page.Count > size) response.NextPageToken = PageToken.Write(request, page[size - 1].Pool.Name);
        return response;
    }

    private async Task<Pool> UpdateAsync(UpdatePoolRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        if (request.Pool is not { } wanted)
        {
            check.Add("pool", "REQUIRED", "the pool with its new values is required");
            wanted = new Pool();
        }

        var name = request.Pool is null ? "" : ReadName(check, "pool.name", wanted.Name);
        var (slots, description) = Fields(request, wanted, check);
        if (wanted.Slots < 0) check.Add("pool.slots", "OUT_OF_RANGE", $"{wanted.Slots} is less than 0");
        if (wanted.Description.Length > 1000) check.Add("pool.description", "OUT_OF_RANGE", "at most 1,000 characters are allowed");
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        var known = await FindAsync(name, context.Cancellation);
        if (known is null && !request.AllowMissing) throw NoPool(name);
        var set = new SetSlots(slots ? wanted.Slots : null, description ? wanted.Description : null);
        var reply = await _desk.AskAsync(
            context, request.RequestId, request.Why, (by, cancellation) => parts.Peers.Pool(name).SetSlotsAsync(set with { By = by }, cancellation));
        if (!reply.Accepted)
            throw ApiError.Precondition(ErrorReason.CommandRefused, ResourceNames.OfPool(name), reply.Problem ?? "the pool refused the command");
        return ToProto(await FindAsync(name, context.Cancellation) ?? throw NoPool(name));
    }

    private static (bool Slots, bool Description) Fields(UpdatePoolRequest request, Pool wanted, RequestCheck check)
    {
        if (request.UpdateMask is not { Paths.Count: > 0 } mask) return (wanted.Slots != 0, wanted.Description.Length > 0);
        for (var i = 0; i < mask.Paths.Count; i++)
            if (mask.Paths[i] is not ("slots" or "description" or "*"))
                check.Add($"update_mask.paths[{i}]", "MALFORMED", $"'{RequestCheck.Short(mask.Paths[i])}' cannot be changed; slots and description can");
        return (mask.Paths.Contains("slots") || mask.Paths.Contains("*"), mask.Paths.Contains("description") || mask.Paths.Contains("*"));
    }

    private async Task<PoolUsage?> FindAsync(string name, CancellationToken cancellation) =>
        (await parts.Queries.ListPoolsAsync(cancellation)).FirstOrDefault(pool => pool.Pool.Name == name);

    private static string ReadName(RequestCheck check, string field, string name)
    {
        if (name.Length == 0) check.Add(field, "REQUIRED", $"it is required: {ResourceNames.PoolForm}");
        else if (ResourceNames.Pool(name) is { } pool) return pool;
        else check.Add(field, "MALFORMED", $"it is not of the form {ResourceNames.PoolForm}");
        return "";
    }

    private static Rpc.RpcException NoPool(string name) =>
        ApiError.NotFound(ErrorReason.PoolNotFound, new Pool(), ResourceNames.OfPool(name), Hint);

    private static Pool ToProto(PoolUsage pool) => new()
    {
        Name = ResourceNames.OfPool(pool.Pool.Name),
        Slots = pool.Pool.Slots,
        Description = pool.Pool.Description ?? "",
        UsedSlots = pool.Used,
        WaitingCount = pool.Waiting,
    };
}
