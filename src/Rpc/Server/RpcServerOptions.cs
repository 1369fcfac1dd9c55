namespace OrleansFlow.Rpc.Server;

/// <summary>How a server answers calls. Checked when the services are mapped.</summary>
public sealed class RpcServerOptions
{
    /// <summary>The largest request message, packed or unpacked, in bytes. Larger ones are RESOURCE_EXHAUSTED. Default: 4 MiB.</summary>
    public int MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Whether responses are packed with gzip for callers that accept it; a call may decide otherwise. Default: no.</summary>
    public bool CompressResponses { get; init; }

    /// <summary>
    /// Whether fields that a message does not have are skipped in JSON. Otherwise a misspelt field is INVALID_ARGUMENT. Default: no.
    /// </summary>
    public bool IgnoreUnknownJsonFields { get; init; }

    /// <summary>
    /// How long calls in progress may go on when the host stops; then they are cancelled and answer UNAVAILABLE. Keep it shorter than the host's
    /// shutdown timeout. Default: 10 s.
    /// </summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What every call goes through, the first one outermost. Default: none.</summary>
    public IReadOnlyList<IRpcInterceptor> Interceptors { get; init; } = [];

    /// <summary>The time of deadlines. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal IEnumerable<string> Problems(TimeSpan? shutdownTimeout)
    {
        if (MaxReceiveMessageSize <= 0) yield return $"{nameof(MaxReceiveMessageSize)} is {MaxReceiveMessageSize}: it must be positive.";
        if (DrainLimit < TimeSpan.Zero) yield return $"{nameof(DrainLimit)} is {DrainLimit}: it must not be negative.";
        if (DrainLimit >= shutdownTimeout)
        {
            yield return $"{nameof(DrainLimit)} is {DrainLimit}: it must be shorter than the host's shutdown timeout, {shutdownTimeout}.";
        }
    }
}
