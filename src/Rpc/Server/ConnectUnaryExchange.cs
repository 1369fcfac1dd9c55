using System.Buffers;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>
/// A unary call of the Connect protocol: the body is the message, the HTTP status says how it went. By GET, for methods without side effects, the
/// message is in the query.
/// </summary>
internal sealed class ConnectUnaryExchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit)
    : Exchange(http, kind, codec, limit)
{
    private IMessage? _response;
    private bool _packed;
    private bool _wasRead;

    public override RpcProtocol Protocol => RpcProtocol.Connect;

    private bool IsGet => HttpMethods.IsGet(Http.Request.Method);

    public override void Open()
    {
        LiftLimitsOfTheBody();
        Timeout = ConnectHeaders.Open(Http.Request);
        string? encoding = IsGet ? Http.Request.Query["compression"] : Http.Request.Headers.ContentEncoding;
        if (string.IsNullOrEmpty(encoding) || encoding == Gzip.Identity) return;
        if (encoding != Gzip.Name)
        {
            Http.Response.Headers.AcceptEncoding = Gzip.Name;
            throw new RpcException(RpcCode.Unimplemented, $"The message is packed with '{encoding}'; this server unpacks gzip.");
        }

        _packed = true;
    }

    public override async ValueTask<T> ReadOneAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
    {
        if (IsGet) return ParseBody(parser, new ReadOnlySequence<byte>(ReadQuery()));
        var body = Http.Request.BodyReader;
        while (true)
        {
            var result = await body.ReadAsync(cancellation);
            var buffer = result.Buffer;
            if (result.IsCompleted || buffer.Length > Limit)
            {
                try
                {
                    return buffer.Length > Limit ? throw FrameReader.TooLarge("more", Limit) : ParseBody(parser, buffer);
                }
                finally
                {
                    // a body that is kept hold of cannot be read to its end by the server, which then cuts off the connection, and with it the answer
                    body.AdvanceTo(buffer.End);
                }
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public override async ValueTask<T?> ReadNextAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
        where T : class
    {
        if (_wasRead) return null;
        _wasRead = true;
        return await ReadOneAsync(parser, cancellation);
    }

    /// <summary>Kept to the end: trailers are headers here, and go before the body.</summary>
    public override ValueTask WriteAsync(IMessage message, RpcContext context)
    {
        ArgumentNullException.ThrowIfNull(message);
        _response = message;
        return ValueTask.CompletedTask;
    }

    public override ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public override ValueTask SendHeadersAsync(RpcContext context) => ValueTask.CompletedTask;

    public override async ValueTask FinishAsync(RpcException? error, RpcContext? context)
    {
        HasBegun = true;
        var response = Http.Response;
        if (_response is null) error ??= new RpcException(RpcCode.Internal, "The method gave no response.");
        AddHeaders(response.Headers, context?.GivenHeaders);
        foreach (var (key, value) in Trailers(error, context)) response.Headers.Append("trailer-" + key, value);
        using var body = new PooledBuffer();
        if (error is not null)
        {
            response.StatusCode = ConnectCodes.HttpStatus(error.Code);
            response.ContentType = "application/json";
            ConnectErrors.WriteError(body, error);
        }
        else
        {
            response.ContentType = "application/" + Codec.Name;
            Codec.Write(_response!, body);
        }

        await SendBodyAsync(body, compress: error is null && context is { CompressResponses: true });
    }

    private async Task SendBodyAsync(PooledBuffer body, bool compress)
    {
        var response = Http.Response;
        if (compress && body.Length >= FrameWriter.SmallestPacked && Gzip.IsAccepted(Http.Request.Headers.AcceptEncoding))
        {
            using var packed = new PooledBuffer();
            Gzip.Compress(body.Sequence, packed);
            response.Headers.ContentEncoding = Gzip.Name;
            response.ContentLength = packed.Length;
            await SendAsync(response.BodyWriter.WriteAsync(packed.Written, Http.RequestAborted));
            return;
        }

        response.ContentLength = body.Length;
        await SendAsync(response.BodyWriter.WriteAsync(body.Written, Http.RequestAborted));
    }

    private T ParseBody<T>(MessageParser<T> parser, in ReadOnlySequence<byte> bytes) where T : class, IMessage<T>
    {
        if (!_packed) return FrameReader.ParseMessage(Codec, parser, bytes);
        using var unpacked = FrameReader.Unpack(bytes, Limit);
        return FrameReader.ParseMessage(Codec, parser, unpacked.Sequence);
    }

    private byte[] ReadQuery()
    {
        var query = Http.Request.Query;
        string text = query["message"].ToString();
        if (text.Length > (long)Limit * 4 / 3 + 4) throw FrameReader.TooLarge("more", Limit);
        if (query["base64"] != "1") return Encoding.UTF8.GetBytes(text);
        return BinaryValue.TryDecodeUrl(text, out var bytes)
            ? bytes
            : throw new RpcException(RpcCode.InvalidArgument, "The query says base64=1, but its message is no base64 in the alphabet of URLs.");
    }
}
