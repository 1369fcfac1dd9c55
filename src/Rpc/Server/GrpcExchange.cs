using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>gRPC over HTTP/2: the status is in the trailers, or in the headers where nothing else was sent.</summary>
internal sealed class GrpcExchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit)
    : FramedExchange(http, kind, codec, limit, "grpc-encoding", "grpc-accept-encoding", endFlag: 0)
{
    private const int LongestMessage = 1024;

    public override RpcProtocol Protocol => RpcProtocol.Grpc;

    protected override string ContentType => Codec == MessageCodec.Proto ? "application/grpc" : "application/grpc+json";

    public override void Open()
    {
        if (Http.Request.Headers.TE != "trailers")
        {
            throw new RpcException(RpcCode.Internal, "The request has no header 'te: trailers': a proxy on the way may drop the status of calls.");
        }

        base.Open();
    }

    public override ValueTask FinishAsync(RpcException? error, RpcContext? context)
    {
        if (error is not null && !HasBegun)
        {
            Begin(context);
            AddStatus(Http.Response.Headers, error, context);
            return ValueTask.CompletedTask;
        }

        Begin(context);
        var trailers = Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        AddStatus(trailers, error, context);
        return ValueTask.CompletedTask;
    }

    protected override void OpenTimeout() => OpenGrpcTimeout();

    private static void AddStatus(IHeaderDictionary target, RpcException? error, RpcContext? context)
    {
        target["grpc-status"] = Number(error?.Code ?? RpcCode.Ok);
        if (error is not null)
        {
            var message = PercentEncoding.Shorten(error.Message, LongestMessage);
            target["grpc-message"] = PercentEncoding.Encode(message);
            if (StatusDetails.Encode(error.Code, message, error.Details) is { } details) target[StatusDetails.Header] = details;
            AddHeaders(target, error.Trailers);
        }

        AddHeaders(target, context?.GivenTrailers);
    }
}
