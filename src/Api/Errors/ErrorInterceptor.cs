using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Api.Errors;

/// <summary>Turns what goes wrong inside into what callers may see: a status with a reason, and nothing else.</summary>
/// <param name="incident">Writes a defect into the server's log and names the line.</param>
internal sealed class ErrorInterceptor(Func<string, Exception, string> incident) : IRpcInterceptor
{
    /// <inheritdoc/>
    public async Task InvokeAsync(RpcContext context, RpcHandler next)
    {
        try
        {
            await next(context);
        }
        catch (StoreException fenced) when (fenced.Failure == StoreFailure.Fenced)
        {
            throw ApiError.NotInCharge(fenced);
        }
        catch (StoreException away) when (away.MayPass)
        {
            throw ApiError.StoreUnavailable(away);
        }
        catch (PeerUnavailableException away)
        {
            throw ApiError.PeerUnavailable(away);
        }
        catch (FencedException fenced)
        {
            throw ApiError.NotInCharge(fenced);
        }
        catch (OperationCanceledException stopping) when (!context.Cancellation.IsCancellationRequested)
        {
            // The engine ended under the call: the caller did not ask for it.
            throw ApiError.NotInCharge(stopping);
        }
        catch (Exception defect) when (IsDefect(defect, context))
        {
            throw ApiError.Internal(incident(context.Method.Path, defect), defect);
        }
    }

    // What the wire says of itself is the wire's to answer, and a caller who is gone is nobody's defect.
    private static bool IsDefect(Exception error, RpcContext context) =>
        error is not (RpcException or OperationCanceledException or IOException) && !context.Cancellation.IsCancellationRequested;
}
