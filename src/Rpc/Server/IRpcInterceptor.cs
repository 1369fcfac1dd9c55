namespace OrleansFlow.Rpc.Server;

/// <summary>A call from here on: the next interceptors and the method.</summary>
/// <param name="context">The call.</param>
public delegate Task RpcHandler(RpcContext context);

/// <summary>
/// Stands around every call, before its first message is read: to authenticate, to count, to trace. It refuses by <see cref="RpcException"/>, and
/// sees how the call ends by what <c>next</c> throws.
/// </summary>
public interface IRpcInterceptor
{
    /// <summary>Handles one call; it calls <paramref name="next"/> at most once.</summary>
    /// <param name="context">The call.</param>
    /// <param name="next">What comes after.</param>
    Task InvokeAsync(RpcContext context, RpcHandler next);
}
