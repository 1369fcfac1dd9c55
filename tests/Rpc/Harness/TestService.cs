using System.Threading.Channels;
using Google.Protobuf;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>The public interoperability test service, and a few modes of failing that a header asks for.</summary>
internal sealed class TestService
{
    /// <summary>A request header: how the method is to fail.</summary>
    public const string ModeHeader = "x-test-mode";

    public const string Secret = "the password is hunter2";

    private const string EchoHeader = "x-grpc-test-echo-initial";
    private const string EchoTrailer = "x-grpc-test-echo-trailing-bin";

    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    public TestService() => Service = RpcService.For(TestReflection.Descriptor.Services[0])
        .Unary<Empty, Empty>("EmptyCall", EmptyAsync)
        .Unary<SimpleRequest, SimpleResponse>("UnaryCall", UnaryAsync)
        .Unary<SimpleRequest, SimpleResponse>("CacheableUnaryCall", UnaryAsync)
        .ServerStreaming<StreamingOutputCallRequest, StreamingOutputCallResponse>("StreamingOutputCall", OutputAsync)
        .ClientStreaming<StreamingInputCallRequest, StreamingInputCallResponse>("StreamingInputCall", InputAsync)
        .Duplex<StreamingOutputCallRequest, StreamingOutputCallResponse>("FullDuplexCall", FullDuplexAsync)
        .Duplex<StreamingOutputCallRequest, StreamingOutputCallResponse>("HalfDuplexCall", HalfDuplexAsync)
        .NotOffered("UnimplementedCall");

    public RpcService Service { get; }

    /// <summary>How many response messages were made.</summary>
    public int Made { get; private set; }

    /// <summary>Waits until a method reports an event of that name.</summary>
    public async Task SeesAsync(string wanted)
    {
        using var ceiling = new CancellationTokenSource(Ceiling.Time);
        while (await _events.Reader.ReadAsync(ceiling.Token) != wanted)
        {
        }
    }

    private async Task<Empty> EmptyAsync(Empty request, RpcContext context)
    {
        Echo(context);
        await ObeyAsync(context);
        return new Empty();
    }

    private async Task<SimpleResponse> UnaryAsync(SimpleRequest request, RpcContext context)
    {
        Echo(context);
        await ObeyAsync(context);
        Refuse(request.ResponseStatus);
        CheckPacked(request.ExpectCompressed, context);
        context.CompressResponses |= request.ResponseCompressed is { Value: true };
        return new SimpleResponse { Payload = Zeros(request.ResponseSize), Username = context.Protocol.ToString() };
    }

    private async IAsyncEnumerable<StreamingOutputCallResponse> OutputAsync(StreamingOutputCallRequest request, RpcContext context)
    {
        Echo(context);
        context.CompressResponses = request.ResponseParameters.Any(parameter => parameter.Compressed is { Value: true });
        await context.SendHeadersAsync();
        await ObeyAsync(context);
        await foreach (var response in AnswerAsync(request, context)) yield return response;
        Refuse(request.ResponseStatus);
    }

    private async Task<StreamingInputCallResponse> InputAsync(IAsyncEnumerable<StreamingInputCallRequest> requests, RpcContext context)
    {
        _events.Writer.TryWrite("begun");
        var sum = 0;
        try
        {
            await foreach (var request in requests)
            {
                CheckPacked(request.ExpectCompressed, context);
                sum += request.Payload.Body.Length;
            }
        }
        catch (Exception) when (context.Cancellation.IsCancellationRequested)
        {
            _events.Writer.TryWrite("cancelled");
            throw;
        }

        return new StreamingInputCallResponse { AggregatedPayloadSize = sum };
    }

    private async IAsyncEnumerable<StreamingOutputCallResponse> FullDuplexAsync(IAsyncEnumerable<StreamingOutputCallRequest> requests, RpcContext context)
    {
        Echo(context);
        await context.SendHeadersAsync();
        _events.Writer.TryWrite("begun");
        using var registration = context.Cancellation.Register(() => _events.Writer.TryWrite("cancelled"));
        await foreach (var request in requests)
        {
            Refuse(request.ResponseStatus);
            await foreach (var response in AnswerAsync(request, context)) yield return response;
        }
    }

    private async IAsyncEnumerable<StreamingOutputCallResponse> HalfDuplexAsync(IAsyncEnumerable<StreamingOutputCallRequest> requests, RpcContext context)
    {
        var all = new List<StreamingOutputCallRequest>();
        await foreach (var request in requests) all.Add(request);
        foreach (var request in all)
        {
            await foreach (var response in AnswerAsync(request, context)) yield return response;
        }
    }

    private async IAsyncEnumerable<StreamingOutputCallResponse> AnswerAsync(StreamingOutputCallRequest request, RpcContext context)
    {
        foreach (var parameter in request.ResponseParameters)
        {
            if (parameter.IntervalUs > 0) await Task.Delay(TimeSpan.FromMicroseconds(parameter.IntervalUs), TimeProvider.System, context.Cancellation);
            if (parameter.Compressed is not null) context.CompressResponses = parameter.Compressed.Value;
            Made++;
            yield return new StreamingOutputCallResponse { Payload = Zeros(parameter.Size) };
        }
    }

    private async Task ObeyAsync(RpcContext context)
    {
        switch (context.RequestHeaders[ModeHeader])
        {
            case "throw":
                throw new InvalidOperationException(Secret);
            case "details":
                var trailers = new RpcMetadata { { "x-test-trailer", "sent with the error" } };
                throw new RpcException(RpcCode.FailedPrecondition, "not now", [new EchoStatus { Code = 7, Message = "typed" }], trailers);
            case "hang":
                _events.Writer.TryWrite("begun");
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.Cancellation);
                }
                finally
                {
                    _events.Writer.TryWrite("cancelled");
                }

                break;
        }
    }

    private static void Echo(RpcContext context)
    {
        if (context.RequestHeaders[EchoHeader] is { } text) context.ResponseHeaders.Add(EchoHeader, text);
        if (context.RequestHeaders.Binary(EchoTrailer) is { } bytes) context.ResponseTrailers.Add(EchoTrailer, bytes);
    }

    private static void Refuse(EchoStatus? status)
    {
        if (status is { Code: not 0 }) throw new RpcException((RpcCode)status.Code, status.Message);
    }

    private static void CheckPacked(BoolValue? expected, RpcContext context)
    {
        if (expected is null || context.Exchange is not FramedExchange framed) return;
        var packed = (framed.Frames.Flags & OrleansFlow.Rpc.Wire.FrameReader.CompressedFlag) != 0;
        if (packed != expected.Value) throw new RpcException(RpcCode.InvalidArgument, $"expected compressed={expected.Value}, got {packed}");
    }

    private static Payload Zeros(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };
}
