using Microsoft.AspNetCore.Http;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>A stream of the Connect protocol: always HTTP 200, the outcome in a last frame of JSON.</summary>
internal sealed class ConnectStreamExchange(HttpContext http, RpcKind kind, MessageCodec codec, int limit)
    : FramedExchange(http, kind, codec, limit, "connect-content-encoding", "connect-accept-encoding", EndFlag)
{
    private const byte EndFlag = 0x02;

    public override RpcProtocol Protocol => RpcProtocol.Connect;

    protected override string ContentType => "application/connect+" + Codec.Name;

    public override async ValueTask FinishAsync(RpcException? error, RpcContext? context)
    {
        Begin(context);
        using var end = new PooledBuffer();
        ConnectErrors.WriteEnd(end, error, Trailers(error, context));
        FrameWriter.WriteFrame(Http.Response.BodyWriter, EndFlag, end.Written.Span);
        await Http.Response.BodyWriter.FlushAsync(Http.RequestAborted);
    }

    protected override void OpenTimeout() => Timeout = ConnectHeaders.Open(Http.Request);
}
