using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Security;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Services;

/// <summary>Hands commands to the coordinators: with who gave them, and for no longer than a caller should wait.</summary>
internal sealed class CommandDesk(ApiParts parts)
{
    /// <summary>Asks, and returns the answer once it is committed.</summary>
    /// <param name="context">The call.</param>
    /// <param name="ask">Gets who asks.</param>
    public async Task<T> AskAsync<T>(RpcContext context, Func<string, CancellationToken, Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(parts.Limits.CommandPatience, parts.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.Cancellation);
        try
        {
            return await ask(Caller.Of(context).Name, both.Token);
        }
        catch (OperationCanceledException waited) when (patience.IsCancellationRequested && !context.Cancellation.IsCancellationRequested)
        {
            throw ApiError.StoreUnavailable(waited);
        }
    }
}
