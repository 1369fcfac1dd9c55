namespace OrleansFlow.Rpc.Client;

/// <summary>What one call wants otherwise than its channel.</summary>
public sealed class RpcCallOptions
{
    /// <summary>How long the call may take, with all its attempts; then it is DEADLINE_EXCEEDED, here and at the server. Default: for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>To send before the first message. Default: nothing.</summary>
    public RpcMetadata? Headers { get; init; }

    /// <summary>Whether the call may be repeated when its outcome is unknown. Default: as the method's descriptor declares.</summary>
    public bool? Idempotent { get; init; }

    /// <summary>Whether its requests are packed. Default: as the channel.</summary>
    public bool? Compress { get; init; }

    /// <summary>Whether to try until its timeout while no address can be reached, however often. Default: no.</summary>
    public bool WaitForReady { get; init; }

    /// <summary>Told when a server has taken the call: the headers of its response are there, messages may take their time. Default: nobody.</summary>
    public Action? Opened { get; init; }

    /// <summary>Where to put the metadata that the server sends. Default: nowhere.</summary>
    public RpcReceived? Received { get; init; }
}

/// <summary>The metadata that a server sent, as it comes in.</summary>
public sealed class RpcReceived
{
    /// <summary>Sent before the first message.</summary>
    public RpcMetadata Headers { get; internal set; } = [];

    /// <summary>Sent with the status.</summary>
    public RpcMetadata Trailers { get; internal set; } = [];
}
