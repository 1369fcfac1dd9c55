using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>Which protocol a request speaks.</summary>
internal static class Negotiation
{
    private const string Unary = "application/grpc, application/grpc+proto, application/grpc-web+proto, application/json, application/proto";

    private const string Streaming =
        "application/grpc, application/grpc+proto, application/grpc-web+proto, application/connect+json, application/connect+proto";

    /// <summary>What a method would be that is called so; null where the content type is none of ours.</summary>
    public static RpcKind? KindOf(string? contentType)
    {
        var form = Parse(contentType);
        if (form.Protocol == 0) return null;
        return form is { Protocol: RpcProtocol.Connect, IsFramed: true } ? RpcKind.ServerStreaming : RpcKind.Unary;
    }

    /// <summary>The call in its protocol, or why there is none.</summary>
    public static Exchange? Choose(HttpContext http, RpcKind kind, bool mayGet, MessageCodec json, int limit, ReaderPatience patience, out HttpRefusal? refusal)
    {
        var request = http.Request;
        refusal = null;
        if (mayGet && HttpMethods.IsGet(request.Method)) return ChooseForGet(http, json, limit, patience, out refusal);
        if (!HttpMethods.IsPost(request.Method))
        {
            refusal = new HttpRefusal(StatusCodes.Status405MethodNotAllowed, mayGet ? "Call it by POST or GET." : "Call it by POST.", "Allow", mayGet ? "POST, GET" : "POST");
            return null;
        }

        var form = Parse(request.ContentType);
        var unary = kind == RpcKind.Unary;
        var codec = form.IsJson ? json : MessageCodec.Proto;
        var isHttp2 = !HttpProtocol.IsHttp11(request.Protocol) && !HttpProtocol.IsHttp10(request.Protocol);
        switch (form.Protocol)
        {
            case RpcProtocol.Grpc when !isHttp2:
                refusal = new HttpRefusal(StatusCodes.Status426UpgradeRequired, "gRPC needs HTTP/2; this request came by HTTP/1.1.", "Upgrade", "HTTP/2.0");
                return null;
            case RpcProtocol.Grpc:
                return new GrpcExchange(http, kind, codec, limit) { Patience = patience };
            case RpcProtocol.GrpcWeb:
                return new GrpcWebExchange(http, kind, codec, limit) { Patience = patience };
            case RpcProtocol.Connect when kind == RpcKind.Duplex && form.IsFramed && !isHttp2:
                refusal = new HttpRefusal(StatusCodes.Status505HttpVersionNotsupported, "A stream in both directions needs HTTP/2; this request came by HTTP/1.1.");
                return null;
            case RpcProtocol.Connect when form.IsFramed != unary:
                return unary
                    ? new ConnectUnaryExchange(http, kind, codec, limit) { Patience = patience }
                    : new ConnectStreamExchange(http, kind, codec, limit) { Patience = patience };
            default:
                var accepted = unary ? Unary : Streaming;
                refusal = new HttpRefusal(
                    StatusCodes.Status415UnsupportedMediaType, $"The content type '{request.ContentType}' is not one of: {accepted}.", "Accept-Post", accepted);
                return null;
        }
    }

    private static ConnectUnaryExchange? ChooseForGet(HttpContext http, MessageCodec json, int limit, ReaderPatience patience, out HttpRefusal? refusal)
    {
        refusal = null;
        switch (http.Request.Query["encoding"].ToString())
        {
            case "json": return new ConnectUnaryExchange(http, RpcKind.Unary, json, limit) { Patience = patience };
            case "proto": return new ConnectUnaryExchange(http, RpcKind.Unary, MessageCodec.Proto, limit) { Patience = patience };
            default:
                refusal = new HttpRefusal(StatusCodes.Status415UnsupportedMediaType, "A call by GET has the parameters encoding=json or encoding=proto, and message.");
                return null;
        }
    }

    private static Form Parse(string? contentType)
    {
        if (contentType is null) return default;
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var media = semicolon < 0 ? contentType : contentType[..semicolon].TrimEnd();
        return media.ToLowerInvariant() switch
        {
            "application/grpc" or "application/grpc+proto" => new Form(RpcProtocol.Grpc, true, false),
            "application/grpc+json" => new Form(RpcProtocol.Grpc, true, true),
            "application/grpc-web" or "application/grpc-web+proto" => new Form(RpcProtocol.GrpcWeb, true, false),
            "application/grpc-web+json" => new Form(RpcProtocol.GrpcWeb, true, true),
            "application/connect+proto" => new Form(RpcProtocol.Connect, true, false),
            "application/connect+json" => new Form(RpcProtocol.Connect, true, true),
            "application/proto" => new Form(RpcProtocol.Connect, false, false),
            "application/json" => new Form(RpcProtocol.Connect, false, true),
            _ => default,
        };
    }

    private readonly record struct Form(RpcProtocol Protocol, bool IsFramed, bool IsJson);
}

/// <summary>An answer below all protocols: the request is in none of them.</summary>
internal sealed record HttpRefusal(int Status, string Text, string? Header = null, string? Value = null)
{
    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (Header is not null) http.Response.Headers[Header] = Value;
        return http.Response.WriteAsync(Text + "\n", http.RequestAborted);
    }
}
