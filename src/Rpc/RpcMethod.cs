using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansFlow.Rpc;

/// <summary>Who sends how many messages.</summary>
public enum RpcKind
{
    /// <summary>One request, one response.</summary>
    Unary = 1,

    /// <summary>One request, a stream of responses.</summary>
    ServerStreaming = 2,

    /// <summary>A stream of requests, one response.</summary>
    ClientStreaming = 3,

    /// <summary>Two streams, independent of each other.</summary>
    Duplex = 4,
}

/// <summary>A method of a service, as its descriptor says.</summary>
public abstract class RpcMethod
{
    private protected RpcMethod(MethodDescriptor descriptor)
    {
        Descriptor = descriptor;
        Kind = KindOf(descriptor);
        Path = $"/{descriptor.Service.FullName}/{descriptor.Name}";
        var level = descriptor.GetOptions()?.IdempotencyLevel ?? MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown;
        HasNoSideEffects = level == MethodOptions.Types.IdempotencyLevel.NoSideEffects;
        IsIdempotent = level != MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown;
    }

    /// <summary>What the generated code knows about it.</summary>
    public MethodDescriptor Descriptor { get; }

    /// <summary>The service, with its package.</summary>
    public string Service => Descriptor.Service.FullName;

    /// <summary>The name, without its service.</summary>
    public string Name => Descriptor.Name;

    /// <summary>Where it is called: <c>/package.Service/Method</c>.</summary>
    public string Path { get; }

    /// <summary>Who sends how many messages.</summary>
    public RpcKind Kind { get; }

    /// <summary>Declared <c>NO_SIDE_EFFECTS</c>: it may be called by HTTP GET.</summary>
    public bool HasNoSideEffects { get; }

    /// <summary>Declared <c>IDEMPOTENT</c> or <c>NO_SIDE_EFFECTS</c>: it may be repeated when its outcome is unknown.</summary>
    public bool IsIdempotent { get; }

    /// <summary>The method of a service as both sides use it.</summary>
    /// <typeparam name="TRequest">The generated message of requests.</typeparam>
    /// <typeparam name="TResponse">The generated message of responses.</typeparam>
    /// <param name="service">The generated descriptor.</param>
    /// <param name="name">The method's name.</param>
    /// <exception cref="ArgumentException">There is no such method, or it has other messages.</exception>
    public static RpcMethod<TRequest, TResponse> Of<TRequest, TResponse>(ServiceDescriptor service, string name)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(service);
        var descriptor = service.FindMethodByName(name)
            ?? throw new ArgumentException(
                $"{service.FullName} has no method '{name}'. It has: {string.Join(", ", service.Methods.Select(method => method.Name))}.", nameof(name));
        if (Mismatch<TRequest, TResponse>(descriptor) is { } problem) throw new ArgumentException(problem, nameof(name));
        return new RpcMethod<TRequest, TResponse>(descriptor);
    }

    /// <summary>Why these messages are not those of the method; null when they are.</summary>
    internal static string? Mismatch<TRequest, TResponse>(MethodDescriptor descriptor) =>
        descriptor.InputType.ClrType == typeof(TRequest) && descriptor.OutputType.ClrType == typeof(TResponse)
            ? null
            : $"{descriptor.FullName} takes {descriptor.InputType.Name} and returns {descriptor.OutputType.Name}, "
                + $"not {typeof(TRequest).Name} and {typeof(TResponse).Name}.";

    internal static RpcKind KindOf(MethodDescriptor descriptor) => (descriptor.IsClientStreaming, descriptor.IsServerStreaming) switch
    {
        (false, false) => RpcKind.Unary,
        (false, true) => RpcKind.ServerStreaming,
        (true, false) => RpcKind.ClientStreaming,
        (true, true) => RpcKind.Duplex,
    };
}

/// <summary>A method with the types of its messages.</summary>
/// <typeparam name="TRequest">The generated message of requests.</typeparam>
/// <typeparam name="TResponse">The generated message of responses.</typeparam>
public sealed class RpcMethod<TRequest, TResponse> : RpcMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    internal RpcMethod(MethodDescriptor descriptor)
        : base(descriptor)
    {
        RequestParser = (MessageParser<TRequest>)descriptor.InputType.Parser;
        ResponseParser = (MessageParser<TResponse>)descriptor.OutputType.Parser;
    }

    internal MessageParser<TRequest> RequestParser { get; }

    internal MessageParser<TResponse> ResponseParser { get; }
}
