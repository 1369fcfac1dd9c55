using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>What gRPC, gRPC-web and Connect's streams have in common: messages with a prefix, in both directions.</summary>
internal abstract class FramedExchange : Exchange
{
    /// <summary>So much gathers at most before it is flushed.</summary>
    private const int FlushAt = 32 * 1024;

    private readonly bool _acceptsGzip;
    private readonly string _encodingHeader;
    private readonly string _acceptHeader;
    private bool _saysGzip;
    private int _unflushed;

    protected FramedExchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit, string encodingHeader, string acceptHeader, byte endFlag)
        : base(http, kind, codec, limit)
    {
        _encodingHeader = encodingHeader;
        _acceptHeader = acceptHeader;
        _acceptsGzip = Gzip.IsAccepted(http.Request.Headers[acceptHeader]);
        Frames = new FrameReader(http.Request.BodyReader, limit, endFlag);
    }

    public FrameReader Frames { get; }

    public override void Open()
    {
        LiftLimitsOfTheBody();
        OpenTimeout();
        string? encoding = Http.Request.Headers[_encodingHeader];
        if (string.IsNullOrEmpty(encoding) || encoding == Gzip.Identity) return;
        if (encoding != Gzip.Name)
        {
            Http.Response.Headers[_acceptHeader] = "identity,gzip";
            throw new RpcException(RpcCode.Unimplemented, $"The messages are packed with '{encoding}'; this server unpacks gzip.");
        }

        Frames.MayDecompress = true;
    }

    public override async ValueTask<T> ReadOneAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
    {
        var message = await ReadNextAsync(parser, cancellation)
            ?? throw new RpcException(RpcCode.Unimplemented, "The method takes one message; none came.");
        return await ReadNextAsync(parser, cancellation) is null
            ? message
            : throw new RpcException(RpcCode.Unimplemented, "The method takes one message; more came.");
    }

    public override async ValueTask<T?> ReadNextAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
        where T : class
    {
        try
        {
            // a client may mark the end by a frame of its own
            return await Frames.NextAsync(cancellation) && !Frames.IsEnd ? Frames.Parse(Codec, parser) : null;
        }
        finally
        {
            // a body that is kept hold of cannot be read to its end by the server, which then cuts off a connection of HTTP/1.1, and with it the answer
            Frames.Release();
        }
    }

    public override ValueTask WriteAsync(IMessage message, RpcContext context)
    {
        Begin(context);
        var written = FrameWriter.Write(Http.Response.BodyWriter, message, Codec, _saysGzip && context.CompressResponses);
        _unflushed += written;
        return _unflushed >= FlushAt ? FlushAsync(context.Cancellation) : ValueTask.CompletedTask;
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_unflushed == 0) return;
        _unflushed = 0;
        // completes when the caller has room for it: that is the back-pressure
        await SendAsync(Http.Response.BodyWriter.FlushAsync(cancellation));
        cancellation.ThrowIfCancellationRequested();
    }

    public override async ValueTask SendHeadersAsync(RpcContext context)
    {
        Begin(context);
        await Http.Response.StartAsync(context.Cancellation);
        // over HTTP/2 the start alone leaves them with Kestrel
        await SendAsync(Http.Response.BodyWriter.FlushAsync(context.Cancellation));
    }

    protected abstract string ContentType { get; }

    protected abstract void OpenTimeout();

    /// <summary>Sets the headers, once.</summary>
    protected void Begin(RpcContext? context)
    {
        if (HasBegun) return;
        HasBegun = true;
        Http.Response.ContentType = ContentType;
        if (context is null) return;
        if (_acceptsGzip && context.CompressResponses)
        {
            _saysGzip = true;
            Http.Response.Headers[_encodingHeader] = Gzip.Name;
        }

        AddHeaders(Http.Response.Headers, context.GivenHeaders);
    }

    protected void OpenGrpcTimeout()
    {
        string? text = Http.Request.Headers["grpc-timeout"];
        if (text is null) return;
        if (!GrpcTimeout.TryParse(text, out var timeout))
        {
            throw new RpcException(RpcCode.Internal, "The header grpc-timeout is no timeout: up to eight digits and one of H, M, S, m, u, n.");
        }

        Timeout = timeout;
    }

    protected static string Number(RpcCode code) => code == RpcCode.Ok ? "0" : ((int)code).ToString(CultureInfo.InvariantCulture);
}
