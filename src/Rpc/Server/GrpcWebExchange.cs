using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>gRPC-web: the trailers are the last frame of the body, in the form of HTTP/1.1 headers.</summary>
internal sealed class GrpcWebExchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit)
    : FramedExchange(http, kind, codec, limit, "grpc-encoding", "grpc-accept-encoding", TrailersFlag)
{
    private const byte TrailersFlag = 0x80;

    public override RpcProtocol Protocol => RpcProtocol.GrpcWeb;

    protected override string ContentType => "application/grpc-web+" + Codec.Name;

    public override async ValueTask FinishAsync(RpcException? error, RpcContext? context)
    {
        Begin(context);
        var block = new StringBuilder().Append("grpc-status: ").Append(Number(error?.Code ?? RpcCode.Ok)).Append("\r\n");
        if (error is not null)
        {
            block.Append("grpc-message: ").Append(PercentEncoding.Encode(error.Message)).Append("\r\n");
            var details = StatusDetails.Encode(error.Code, error.Message, error.Details);
            if (details is not null) block.Append(StatusDetails.Header).Append(": ").Append(details).Append("\r\n");
        }

        foreach (var (key, value) in Trailers(error, context)) block.Append(key).Append(": ").Append(value).Append("\r\n");
        FrameWriter.WriteFrame(Http.Response.BodyWriter, TrailersFlag, Encoding.ASCII.GetBytes(block.ToString()));
        await Http.Response.BodyWriter.FlushAsync(Http.RequestAborted);
    }

    protected override void OpenTimeout() => OpenGrpcTimeout();
}
