using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>A call on the wire of one protocol: messages in, messages out, a status at the end.</summary>
internal abstract class Exchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit)
{
    private static readonly MinDataRate s_slowestReader = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public HttpContext Http { get; } = http;

    public MessageCodec Codec { get; } = codec;

    public abstract RpcProtocol Protocol { get; }

    /// <summary>How long the caller waits, once opened.</summary>
    public TimeSpan? Timeout { get; protected set; }

    /// <summary>Whether anything may be on its way to the caller.</summary>
    public bool HasBegun { get; protected set; }

    /// <summary>How long the caller may leave what is sent to him.</summary>
    public ReaderPatience? Patience { get; init; }

    protected int Limit { get; } = limit;

    protected RpcKind Kind { get; } = kind;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="RpcException">They are wrong.</exception>
    public abstract void Open();

    /// <summary>The one message that a caller of this method sends.</summary>
    public abstract ValueTask<T> ReadOneAsync<T>(MessageParser<T> parser, CancellationToken cancellation) where T : class, IMessage<T>;

    /// <summary>The next message; null at the end.</summary>
    public abstract ValueTask<T?> ReadNextAsync<T>(MessageParser<T> parser, CancellationToken cancellation) where T : class, IMessage<T>;

    /// <summary>Writes a message; it goes out with the next flush, or earlier when much has gathered.</summary>
    public abstract ValueTask WriteAsync(IMessage message, RpcContext context);

    public abstract ValueTask FlushAsync(CancellationToken cancellation);

    public abstract ValueTask SendHeadersAsync(RpcContext context);

    /// <summary>Writes the status. The response ends when the request's delegate returns.</summary>
    public abstract ValueTask FinishAsync(RpcException? error, RpcContext? context);

    /// <summary>Messages have limits of their own; a stream of them has none, and may rest as long as it likes.</summary>
    protected void LiftLimitsOfTheBody()
    {
        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        // by HTTP/1.1 a reader has a connection of his own, and no pings tell whether he is still there
        if (Http.Features.Get<IHttpMinResponseDataRateFeature>() is { } reading) reading.MinDataRate = s_slowestReader;
        if (Kind is RpcKind.Unary or RpcKind.ServerStreaming) return;
        if (Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } writing) writing.MinDataRate = null;
    }

    /// <summary>Returns when the caller has room for more, or is cut off for not reading.</summary>
    protected ValueTask SendAsync(ValueTask<FlushResult> flushing)
    {
        if (Patience is not null) return Patience.WatchAsync(Http, flushing);
        return flushing.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(flushing.AsTask());
    }

    protected static void AddHeaders(IHeaderDictionary target, RpcMetadata? metadata, string prefix = "")
    {
        if (metadata is null) return;
        foreach (var (key, value) in metadata) target.Append(prefix + key, value);
    }

    /// <summary>What a handler's trailers and the exception's trailers are together.</summary>
    protected static IEnumerable<KeyValuePair<string, string>> Trailers(RpcException? error, RpcContext? context) =>
        (context?.GivenTrailers ?? Enumerable.Empty<KeyValuePair<string, string>>()).Concat(error?.Trailers ?? Enumerable.Empty<KeyValuePair<string, string>>());
}
