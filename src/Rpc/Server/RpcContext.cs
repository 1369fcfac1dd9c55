using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>One call, as its method and the interceptors see it.</summary>
public sealed class RpcContext
{
    private readonly CallLifetime _lifetime;
    private RpcMetadata? _requestHeaders;
    private RpcMetadata? _responseHeaders;
    private RpcMetadata? _responseTrailers;

    internal RpcContext(RpcMethod method, Exchange exchange, CallLifetime lifetime, bool compressResponses)
    {
        Method = method;
        Exchange = exchange;
        _lifetime = lifetime;
        CompressResponses = compressResponses;
    }

    /// <summary>What is called.</summary>
    public RpcMethod Method { get; }

    /// <summary>How the caller speaks.</summary>
    public RpcProtocol Protocol => Exchange.Protocol;

    /// <summary>The HTTP request below: its user, connection and items.</summary>
    public HttpContext Http => Exchange.Http;

    /// <summary>What the caller sent beside the messages.</summary>
    public RpcMetadata RequestHeaders => _requestHeaders ??= ReadHeaders(Http.Request.Headers);

    /// <summary>To send before the first response.</summary>
    public RpcMetadata ResponseHeaders => _responseHeaders ??= new RpcMetadata();

    /// <summary>To send with the status.</summary>
    public RpcMetadata ResponseTrailers => _responseTrailers ??= new RpcMetadata();

    /// <summary>When the caller gives up; null when he waits for ever.</summary>
    public DateTimeOffset? Deadline => _lifetime.Deadline;

    /// <summary>Cancelled when the caller is gone, the deadline passes, or a stopping server waits no longer.</summary>
    public CancellationToken Cancellation => _lifetime.Token;

    /// <summary>Cancelled as soon as the server begins to stop: a stream that would go on for ever ends here.</summary>
    public CancellationToken Stopping => _lifetime.Stopping;

    /// <summary>Whether the messages from here on are packed, for callers that accept it. To take effect it must be set before the headers go.</summary>
    public bool CompressResponses { get; set; }

    internal Exchange Exchange { get; }

    /// <summary>Looks at each request message before its method does.</summary>
    internal Action<IMessage>? Inspect { get; init; }

    internal RpcMetadata? GivenHeaders => _responseHeaders;

    internal RpcMetadata? GivenTrailers => _responseTrailers;

    /// <summary>Sends the headers now, for a stream whose first message may take its time.</summary>
    public ValueTask SendHeadersAsync() => Exchange.SendHeadersAsync(this);

    private static RpcMetadata ReadHeaders(IHeaderDictionary headers)
    {
        var metadata = new RpcMetadata();
        foreach (var (name, values) in headers)
        {
            var key = MetadataKeys.Lower(name);
            if (!MetadataKeys.IsKey(key) || MetadataKeys.IsReserved(key)) continue;
            foreach (var value in values) metadata.AddReceived(key, value ?? "");
        }

        return metadata;
    }
}
