namespace OrleansFlow.Rpc.Client;

/// <summary>Sees every call of a channel begin and end: to add headers, to count, to trace. Called concurrently for different calls.</summary>
public interface IRpcClientInterceptor
{
    /// <summary>Before the first attempt. What it throws ends the call.</summary>
    /// <param name="call">The call; headers may be added.</param>
    /// <param name="cancellation">Cancelled when the caller gives up.</param>
    ValueTask StartAsync(RpcClientCall call, CancellationToken cancellation);

    /// <summary>After the last attempt, once.</summary>
    /// <param name="call">The call.</param>
    /// <param name="code">How it ended.</param>
    void Finished(RpcClientCall call, RpcCode code);
}

/// <summary>A call as interceptors see it.</summary>
public sealed class RpcClientCall
{
    internal RpcClientCall(RpcMethod method, RpcMetadata headers)
    {
        Method = method;
        Headers = headers;
    }

    /// <summary>What is called.</summary>
    public RpcMethod Method { get; }

    /// <summary>To send before the first message.</summary>
    public RpcMetadata Headers { get; }

    /// <summary>Where the last attempt went; null before the first.</summary>
    public string? Address { get; internal set; }

    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; internal set; }
}
