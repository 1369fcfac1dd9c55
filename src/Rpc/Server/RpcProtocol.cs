namespace OrleansFlow.Rpc.Server;

/// <summary>How a caller speaks to the server.</summary>
public enum RpcProtocol
{
    /// <summary>gRPC over HTTP/2.</summary>
    Grpc = 1,

    /// <summary>gRPC-web: the status at the end of the body, over any HTTP.</summary>
    GrpcWeb = 2,

    /// <summary>Connect: plain HTTP for unary calls, messages with a prefix for streams.</summary>
    Connect = 3,
}
