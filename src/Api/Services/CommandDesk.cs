using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Security;
using OrleansFlow.Domain.History;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Api.Services;

/// <summary>Hands commands to the coordinators: with who gave them, and for no longer than a caller should wait.</summary>
internal sealed class CommandDesk(ApiParts parts)
{
    /// <summary>Asks, and returns the answer once it is committed.</summary>
    /// <param name="context">The call.</param>
    /// <param name="requestId">What the caller calls this command; empty: nothing, and then each call counts.</param>
    /// <param name="why">Why, in words; empty: the caller does not say.</param>
    /// <param name="ask">Gets who asks, from where, by which request, and why.</param>
    public async Task<T> AskAsync<T>(RpcContext context, string requestId, string why, Func<Origin, CancellationToken, Task<T>> ask)
    {
        var origin = new Origin(Caller.Of(context).Name, Caller.AddressOf(context), OrNull(requestId), OrNull(why));
        using var patience = new CancellationTokenSource(parts.Limits.CommandPatience, parts.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.Cancellation);
        try
        {
            return await ask(origin, both.Token);
        }
        catch (RequestReusedException reused)
        {
            throw ApiError.RequestReused(requestId, reused);
        }
        catch (OperationCanceledException waited) when (patience.IsCancellationRequested && !context.Cancellation.IsCancellationRequested)
        {
            throw ApiError.StoreUnavailable(waited);
        }
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
