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

/// <summary>What a method's descriptor declares about calling it again.</summary>
public enum RpcRepeats
{
    /// <summary>Nothing: each call may count.</summary>
    Unknown = 1,

    /// <summary>Twice is as once.</summary>
    Idempotent = 2,

    /// <summary>It changes nothing.</summary>
    NoSideEffects = 3,
}

/// <summary>A method of a service.</summary>
public abstract class RpcMethod
{
    private protected RpcMethod(string service, string name, RpcKind kind, RpcRepeats repeats)
    {
        Service = service;
        Name = name;
        Kind = kind;
        Path = $"/{service}/{name}";
        HasNoSideEffects = repeats == RpcRepeats.NoSideEffects;
        IsIdempotent = repeats != RpcRepeats.Unknown;
    }

    /// <summary>The service, with its package.</summary>
    public string Service { get; }

    /// <summary>The name, without its service.</summary>
    public string Name { get; }

    /// <summary>Where it is called: <c>/package.Service/Method</c>.</summary>
    public string Path { get; }

    /// <summary>Who sends how many messages.</summary>
    public RpcKind Kind { get; }

    /// <summary>Declared <c>NO_SIDE_EFFECTS</c>: it may be called by HTTP GET.</summary>
    public bool HasNoSideEffects { get; }

    /// <summary>Declared <c>IDEMPOTENT</c> or <c>NO_SIDE_EFFECTS</c>: it may be repeated when its outcome is unknown.</summary>
    public bool IsIdempotent { get; }

    /// <summary>The message of requests. Its descriptor is read when it is asked for.</summary>
    public abstract MessageDescriptor RequestType { get; }

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
        return new RpcMethod<TRequest, TResponse>(
            (MessageParser<TRequest>)descriptor.InputType.Parser, (MessageParser<TResponse>)descriptor.OutputType.Parser,
            service.FullName, name, KindOf(descriptor), RepeatsOf(descriptor));
    }

    /// <summary>
    /// A method as the caller knows it, for clients that start quickly: the descriptor of a service is not read. A test compares what is said with it.
    /// </summary>
    /// <typeparam name="TRequest">The generated message of requests.</typeparam>
    /// <typeparam name="TResponse">The generated message of responses.</typeparam>
    /// <param name="requests">Reads requests.</param>
    /// <param name="responses">Reads responses.</param>
    /// <param name="service">The service, with its package.</param>
    /// <param name="name">The method's name.</param>
    /// <param name="kind">Who sends how many messages.</param>
    /// <param name="repeats">What is declared about calling it again.</param>
    public static RpcMethod<TRequest, TResponse> Named<TRequest, TResponse>(
        MessageParser<TRequest> requests, MessageParser<TResponse> responses, string service, string name, RpcKind kind, RpcRepeats repeats)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(requests, responses, service, name, kind, repeats);

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

    private static RpcRepeats RepeatsOf(MethodDescriptor descriptor) => descriptor.GetOptions()?.IdempotencyLevel switch
    {
        MethodOptions.Types.IdempotencyLevel.NoSideEffects => RpcRepeats.NoSideEffects,
        MethodOptions.Types.IdempotencyLevel.Idempotent => RpcRepeats.Idempotent,
        _ => RpcRepeats.Unknown,
    };
}

/// <summary>A method with the types of its messages.</summary>
/// <typeparam name="TRequest">The generated message of requests.</typeparam>
/// <typeparam name="TResponse">The generated message of responses.</typeparam>
public sealed class RpcMethod<TRequest, TResponse> : RpcMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    internal RpcMethod(
        MessageParser<TRequest> requests, MessageParser<TResponse> responses, string service, string name, RpcKind kind, RpcRepeats repeats)
        : base(service, name, kind, repeats)
    {
        RequestParser = requests;
        ResponseParser = responses;
    }

    /// <inheritdoc/>
    public override MessageDescriptor RequestType => RequestParser.ParseFrom([]).Descriptor;

    internal MessageParser<TRequest> RequestParser { get; }

    internal MessageParser<TResponse> ResponseParser { get; }
}
