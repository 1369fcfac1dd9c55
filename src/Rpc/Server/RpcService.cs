using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansFlow.Rpc.Server;

/// <summary>
/// A service with a handler for each of its methods. Every method of the descriptor is either given a handler or named by
/// <see cref="NotOffered"/>; what does not fit is reported when the service is mapped, all at once. Handlers are called concurrently.
/// </summary>
public sealed class RpcService
{
    private readonly Dictionary<string, MethodHandler?> _handlers = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    private RpcService(ServiceDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>What the generated code knows about the service.</summary>
    public ServiceDescriptor Descriptor { get; }

    internal IEnumerable<MethodHandler> Handlers => _handlers.Values.OfType<MethodHandler>();

    /// <summary>Begins a service.</summary>
    /// <param name="descriptor">The generated descriptor, for instance <c>GreeterReflection.Descriptor.Services[0]</c>.</param>
    public static RpcService For(ServiceDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return new RpcService(descriptor);
    }

    /// <summary>One request, one response.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="name">The method's name in the service.</param>
    /// <param name="handle">Answers one call.</param>
    public RpcService Unary<TRequest, TResponse>(string name, Func<TRequest, RpcContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add<TRequest, TResponse>(name, RpcKind.Unary, method => new UnaryHandler<TRequest, TResponse>(method, handle));

    /// <summary>One request, a stream of responses. The next response is asked for when the caller has taken the ones before.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="name">The method's name in the service.</param>
    /// <param name="handle">Answers one call.</param>
    public RpcService ServerStreaming<TRequest, TResponse>(string name, Func<TRequest, RpcContext, IAsyncEnumerable<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add<TRequest, TResponse>(name, RpcKind.ServerStreaming, method => new ServerStreamingHandler<TRequest, TResponse>(method, handle));

    /// <summary>A stream of requests, one response.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="name">The method's name in the service.</param>
    /// <param name="handle">Answers one call.</param>
    public RpcService ClientStreaming<TRequest, TResponse>(string name, Func<IAsyncEnumerable<TRequest>, RpcContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add<TRequest, TResponse>(name, RpcKind.ClientStreaming, method => new ClientStreamingHandler<TRequest, TResponse>(method, handle));

    /// <summary>Two streams. Requests may be read on one task while responses are made on another.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="name">The method's name in the service.</param>
    /// <param name="handle">Answers one call.</param>
    public RpcService Duplex<TRequest, TResponse>(
        string name, Func<IAsyncEnumerable<TRequest>, RpcContext, IAsyncEnumerable<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add<TRequest, TResponse>(name, RpcKind.Duplex, method => new DuplexHandler<TRequest, TResponse>(method, handle));

    /// <summary>Methods that this server leaves out on purpose: they answer UNIMPLEMENTED.</summary>
    /// <param name="names">Their names in the service.</param>
    public RpcService NotOffered(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
        {
            if (Descriptor.FindMethodByName(name) is null) _problems.Add(Unknown(name));
            else Put(name, null);
        }

        return this;
    }

    /// <summary>All that is wrong with it.</summary>
    internal IEnumerable<string> Problems() =>
        _problems.Concat(Descriptor.Methods.Where(method => !_handlers.ContainsKey(method.Name))
            .Select(method => $"{method.FullName} has no handler. Add one, or name it in {nameof(NotOffered)}."));

    private RpcService Add<TRequest, TResponse>(string name, RpcKind kind, Func<RpcMethod<TRequest, TResponse>, MethodHandler> make)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var descriptor = Descriptor.FindMethodByName(name);
        if (descriptor is null)
        {
            _problems.Add(Unknown(name));
            return this;
        }

        var actual = RpcMethod.KindOf(descriptor);
        var mismatch = RpcMethod.Mismatch<TRequest, TResponse>(descriptor);
        if (actual != kind) _problems.Add($"{descriptor.FullName} is {actual}, not {kind}.");
        if (mismatch is not null) _problems.Add(mismatch);
        Put(name, actual == kind && mismatch is null ? make(RpcMethod.Of<TRequest, TResponse>(Descriptor, name)) : null);
        return this;
    }

    private void Put(string name, MethodHandler? handler)
    {
        if (!_handlers.TryAdd(name, handler)) _problems.Add($"{Descriptor.FullName}.{name} is given twice.");
    }

    private string Unknown(string name) =>
        $"{Descriptor.FullName} has no method '{name}'. It has: {string.Join(", ", Descriptor.Methods.Select(method => method.Name))}.";
}
