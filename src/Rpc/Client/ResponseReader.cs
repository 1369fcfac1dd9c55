using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Client;

/// <summary>A response: its messages, and the status at their end. Disposing it earlier cancels the call at the server.</summary>
internal sealed class ResponseReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly RpcReceived? _received;
    private readonly FrameReader _frames;

    private ResponseReader(HttpResponseMessage response, Stream body, string address, int limit, RpcReceived? received)
    {
        Address = address;
        _response = response;
        _received = received;
        _frames = new FrameReader(PipeReader.Create(body), limit);
        if (received is not null) received.Headers = Metadata(response.Headers);
    }

    /// <summary>Who answers.</summary>
    public string Address { get; }

    /// <summary>Reads the headers.</summary>
    /// <exception cref="RpcException">The response is none of gRPC, or the call failed at once.</exception>
    public static async ValueTask<ResponseReader> OpenAsync(HttpResponseMessage response, string address, int limit, RpcReceived? received)
    {
        try
        {
            if (Value(response.Headers, "grpc-status") is not null)
            {
                if (received is not null) received.Trailers = Metadata(response.Headers);
                ThrowUnlessOk(response.Headers);
            }

            CheckForm(response, address);
            var reader = new ResponseReader(response, await response.Content.ReadAsStreamAsync(), address, limit, received);
            reader.OpenEncoding();
            return reader;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>The next message; null at the end of a call that went well.</summary>
    /// <exception cref="RpcException">The status of a call that did not, or a message that is none.</exception>
    public async ValueTask<T?> NextAsync<T>(MessageParser<T> parser, CancellationToken cancellation) where T : class, IMessage<T>
    {
        if (await _frames.NextAsync(cancellation)) return _frames.Parse(MessageCodec.Proto, parser);
        var trailers = Value(_response.TrailingHeaders, "grpc-status") is not null ? _response.TrailingHeaders : _response.Headers;
        if (_received is not null) _received.Trailers = Metadata(_response.TrailingHeaders);
        ThrowUnlessOk(trailers);
        return null;
    }

    /// <summary>The one message of a call that answers with one.</summary>
    public async ValueTask<T> OneAsync<T>(MessageParser<T> parser, CancellationToken cancellation) where T : class, IMessage<T>
    {
        var message = await NextAsync(parser, cancellation)
            ?? throw new RpcException(RpcCode.Unimplemented, "The call answers with one message; the server sent none.");
        return await NextAsync(parser, cancellation) is null
            ? message
            : throw new RpcException(RpcCode.Unimplemented, "The call answers with one message; the server sent more.");
    }

    public void Dispose() => _response.Dispose();

    private void OpenEncoding()
    {
        var encoding = Value(_response.Headers, "grpc-encoding");
        _frames.MayDecompress = encoding == Gzip.Name;
        if (encoding is not (null or Gzip.Identity or Gzip.Name))
        {
            throw new RpcException(RpcCode.Internal, $"{Address} packs its messages with '{encoding}', which was not asked for.");
        }
    }

    private static void CheckForm(HttpResponseMessage response, string address)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new RpcException(HttpFailures.OfStatus(response.StatusCode), $"{address} answered with HTTP {(int)response.StatusCode} instead of gRPC.");
        }

        var type = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
        if (type == "application/grpc" || type.StartsWith("application/grpc+proto", StringComparison.Ordinal) || type.StartsWith("application/grpc;", StringComparison.Ordinal)) return;
        throw new RpcException(RpcCode.Unknown, $"{address} answered with '{type}' instead of gRPC. Is it the port for gRPC?");
    }

    private static void ThrowUnlessOk(HttpHeaders headers)
    {
        var text = Value(headers, "grpc-status") ?? throw new RpcException(RpcCode.Internal, "The response ended without a status.") { IsConnectionLost = true };
        if (text == "0") return;
        var code = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 16
            ? (RpcCode)number
            : RpcCode.Unknown;
        var message = PercentEncoding.Decode(Value(headers, "grpc-message") ?? "");
        throw new RpcException(code, message, StatusDetails.Decode(Value(headers, StatusDetails.Header)), Metadata(headers));
    }

    private static string? Value(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static RpcMetadata Metadata(HttpHeaders headers)
    {
        var metadata = new RpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            var key = MetadataKeys.Lower(name);
            if (!MetadataKeys.IsKey(key) || MetadataKeys.IsReserved(key)) continue;
            foreach (var value in values) metadata.AddReceived(key, value);
        }

        return metadata;
    }
}
