using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Api.Attempts;

/// <summary>Keeps attempts to their pace, and tells them why their desk refuses.</summary>
internal sealed class AttemptInterceptor : IRpcInterceptor
{
    /// <inheritdoc/>
    public async Task InvokeAsync(RpcContext context, RpcHandler next)
    {
        var caller = Of(context);
        try
        {
            await caller.PaceAsync(context.Cancellation);
            await next(context);
        }
        catch (DeskException refused)
        {
            throw Explain(refused, caller.Desk);
        }
    }

    /// <summary>Who calls.</summary>
    public static AttemptCaller Of(RpcContext context) => context.Http.Features.Get<AttemptCaller>()
        ?? throw new InvalidOperationException("the connection belongs to no attempt");

    private static RpcException Explain(DeskException refused, IAttemptDesk desk)
    {
        switch (refused.Refusal)
        {
            case DeskRefusal.Closed:
                return AttemptErrors.Stale(desk, refused.Message);
            case DeskRefusal.NoRoom:
                return AttemptErrors.NoRoom(refused);
            case DeskRefusal.NotRecorded:
                return AttemptErrors.NotRecorded(refused);
            default:
                var check = new RequestCheck();
                check.Add(refused.Field, "MALFORMED", refused.Message);
                return check.Refusal(ErrorReason.InvalidRequest);
        }
    }
}
