using Google.Protobuf;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>The methods of the test service, and messages for them.</summary>
internal static class Methods
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor s_service = TestReflection.Descriptor.Services[0];

    public static RpcMethod<Empty, Empty> Empty { get; } = RpcMethod.Of<Empty, Empty>(s_service, "EmptyCall");

    public static RpcMethod<SimpleRequest, SimpleResponse> Unary { get; } = RpcMethod.Of<SimpleRequest, SimpleResponse>(s_service, "UnaryCall");

    public static RpcMethod<SimpleRequest, SimpleResponse> Cacheable { get; } =
        RpcMethod.Of<SimpleRequest, SimpleResponse>(s_service, "CacheableUnaryCall");

    public static RpcMethod<StreamingOutputCallRequest, StreamingOutputCallResponse> Output { get; } =
        RpcMethod.Of<StreamingOutputCallRequest, StreamingOutputCallResponse>(s_service, "StreamingOutputCall");

    public static RpcMethod<StreamingInputCallRequest, StreamingInputCallResponse> Input { get; } =
        RpcMethod.Of<StreamingInputCallRequest, StreamingInputCallResponse>(s_service, "StreamingInputCall");

    public static RpcMethod<StreamingOutputCallRequest, StreamingOutputCallResponse> Duplex { get; } =
        RpcMethod.Of<StreamingOutputCallRequest, StreamingOutputCallResponse>(s_service, "FullDuplexCall");

    public static RpcMethod<Empty, Empty> Unimplemented { get; } = RpcMethod.Of<Empty, Empty>(s_service, "UnimplementedCall");

    public static RpcMethod<Empty, Empty> UnimplementedService { get; } =
        RpcMethod.Of<Empty, Empty>(TestReflection.Descriptor.Services[1], "UnimplementedCall");

    public static Payload Zeros(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };

    public static StreamingOutputCallRequest Ask(params int[] sizes)
    {
        var request = new StreamingOutputCallRequest();
        request.ResponseParameters.AddRange(sizes.Select(size => new ResponseParameters { Size = size }));
        return request;
    }

    /// <summary>The stream of a client, ready at once.</summary>
    public static async IAsyncEnumerable<StreamingInputCallRequest> Inputs(params int[] sizes)
    {
        foreach (var size in sizes)
        {
            await Task.Yield();
            yield return new StreamingInputCallRequest { Payload = Zeros(size) };
        }
    }
}
