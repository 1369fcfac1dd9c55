using Google.Protobuf;

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

    /// <summary>How long a unary call may take whose caller names no deadline; then it is DEADLINE_EXCEEDED. Streams have no such limit. Default: for ever.</summary>
    public TimeSpan UnaryTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a unary call may take at most, whatever deadline its caller names. Streams have no such limit. Default: for ever.</summary>
    public TimeSpan MaxUnaryTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long what is sent may wait for a caller who does not read. Then his call is cut off: by HTTP/2 with ENHANCE_YOUR_CALM, which gRPC clients
    /// report as RESOURCE_EXHAUSTED, by HTTP/1.1 with its connection. Default: 1 min.
    /// </summary>
    public TimeSpan ReaderPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Looks at each request message before its method does; what it throws is the answer. Default: nothing.</summary>
    public Action<IMessage>? Inspect { get; init; }

    /// <summary>
    /// Says an error as it is sent: those of methods, and those of the wire itself, which have no details (a message that cannot be read, no such
    /// method, a deadline, a server that stops). It must not throw. Default: as it is.
    /// </summary>
    public Func<RpcException, RpcFailure, RpcException>? Tell { get; init; }

    /// <summary>What every call goes through, the first one outermost. Default: none.</summary>
    public IReadOnlyList<IRpcInterceptor> Interceptors { get; init; } = [];

    /// <summary>The time of deadlines. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal IEnumerable<string> Problems(TimeSpan? shutdownTimeout)
    {
        if (MaxReceiveMessageSize <= 0) yield return $"{nameof(MaxReceiveMessageSize)} is {MaxReceiveMessageSize}: it must be positive.";
        foreach (var (name, value) in ((string, TimeSpan)[])
            [(nameof(UnaryTimeout), UnaryTimeout), (nameof(MaxUnaryTimeout), MaxUnaryTimeout), (nameof(ReaderPatience), ReaderPatience)])
        {
            if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan) yield return $"{name} is {value}: it must be positive, or infinite.";
        }

        if (DrainLimit < TimeSpan.Zero) yield return $"{nameof(DrainLimit)} is {DrainLimit}: it must not be negative.";
        if (DrainLimit >= shutdownTimeout)
        {
            yield return $"{nameof(DrainLimit)} is {DrainLimit}: it must be shorter than the host's shutdown timeout, {shutdownTimeout}.";
        }
    }
}

/// <summary>The call that an error ends.</summary>
/// <param name="Path">Where it was called: <c>/package.Service/Method</c>.</param>
/// <param name="Method">What was called; null: there is no such method.</param>
/// <param name="IsJson">Whether its messages are JSON.</param>
public readonly record struct RpcFailure(string Path, RpcMethod? Method, bool IsJson);
