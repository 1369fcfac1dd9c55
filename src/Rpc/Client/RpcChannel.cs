using System.Runtime.CompilerServices;
using Google.Protobuf;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Client;

/// <summary>
/// Calls a server by gRPC, over HTTP/2. With several addresses it stays with the one that works and goes to the next when that fails. Failures are
/// <see cref="RpcException"/>; what the caller cancels is <see cref="OperationCanceledException"/>. Thread-safe; one for a whole program.
/// </summary>
public sealed class RpcChannel : IDisposable
{
    private readonly Peer[] _peers;
    private readonly AddressBook _book;

    /// <summary>Makes a channel; it connects with the first call.</summary>
    /// <param name="addresses"><c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:///path</c>; at least one.</param>
    /// <param name="options">How to connect, repeat and limit.</param>
    /// <exception cref="ArgumentException">An address or an option is wrong; the message names all that is.</exception>
    public RpcChannel(IEnumerable<string> addresses, RpcChannelOptions? options = null)
    {
        Options = options ?? new RpcChannelOptions();
        var all = addresses.ToList();
        var problems = Problems(all, Options).ToList();
        if (all.Count == 0) problems.Add("A channel needs an address.");
        if (problems.Count > 0) throw new ArgumentException("The channel cannot be made:" + string.Concat(problems.Select(problem => "\n  " + problem)));
        _peers = [.. all.Select(address => new Peer(RpcAddress.Parse(address), Options))];
        _book = new AddressBook(_peers.Length, Options.InitialBackoff, Options.MaxBackoff, Options.Chance);
    }

    /// <summary>Makes a channel to one address.</summary>
    /// <inheritdoc cref="RpcChannel(IEnumerable{string}, RpcChannelOptions?)"/>
    /// <param name="address">See the other constructor.</param>
    /// <param name="options">How to connect, repeat and limit.</param>
    public RpcChannel(string address, RpcChannelOptions? options = null)
        : this([address], options)
    {
    }

    internal RpcChannelOptions Options { get; }

    /// <summary>What is wrong with addresses and options that a channel would be made of.</summary>
    /// <param name="addresses">See the constructor.</param>
    /// <param name="options">See the constructor.</param>
    public static IEnumerable<string> Problems(IEnumerable<string> addresses, RpcChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Problems().Concat(addresses.Select(address => Problem(address, options)).OfType<string>());
    }

    /// <summary>One request, one response.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="method">What to call.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">What this call wants otherwise.</param>
    /// <param name="cancellation">Gives the call up, here and at the server.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, RpcCallOptions? options = null, CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Check(method, RpcKind.Unary);
        using var scope = new CallScope(this, method, options, cancellation);
        using var frame = MessageContent.Frame(request, scope.Compress);
        return await RunAsync(scope, () => new MessageContent(frame.Written), reader => reader.OneAsync(method.ResponseParser, scope.Token));
    }

    /// <summary>A stream of requests, one response. The stream is taken once: the call is repeated only while nothing of it was.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="method">What to call.</param>
    /// <param name="requests">The requests; an error in them ends the call and is thrown.</param>
    /// <param name="options">What this call wants otherwise.</param>
    /// <param name="cancellation">Gives the call up, here and at the server.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<TResponse> ClientStreamingAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, RpcCallOptions? options = null, CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Check(method, RpcKind.ClientStreaming);
        using var scope = new CallScope(this, method, options, cancellation);
        return await RunAsync(
            scope, () => new StreamContent<TRequest>(requests, scope.Compress), reader => reader.OneAsync(method.ResponseParser, scope.Token));
    }

    /// <summary>One request, a stream of responses. Leaving the stream early gives the call up. It is repeated only before the first response.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="method">What to call.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">What this call wants otherwise.</param>
    /// <param name="cancellation">Gives the call up, here and at the server.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public async IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        TRequest request,
        RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Check(method, RpcKind.ServerStreaming);
        using var scope = new CallScope(this, method, options, cancellation);
        using var frame = MessageContent.Frame(request, scope.Compress);
        using var reader = await OpenAsync(scope, () => new MessageContent(frame.Written));
        scope.Options.Opened?.Invoke();
        Exception? outcome = new OperationCanceledException();
        try
        {
            while (true)
            {
                TResponse? message;
                try
                {
                    message = await reader.NextAsync(method.ResponseParser, scope.Token);
                }
                catch (Exception error)
                {
                    outcome = scope.Explain(error, reader.Address);
                    throw outcome;
                }

                if (message is null) break;
                yield return message;
            }

            outcome = null;
        }
        finally
        {
            scope.Finish(outcome);
        }
    }

    /// <summary>Two streams. Disposing the call before its end gives it up.</summary>
    /// <typeparam name="TRequest">The message of requests.</typeparam>
    /// <typeparam name="TResponse">The message of responses.</typeparam>
    /// <param name="method">What to call.</param>
    /// <param name="options">What this call wants otherwise.</param>
    /// <param name="cancellation">Gives the call up, here and at the server.</param>
    public RpcDuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, RpcCallOptions? options = null, CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Check(method, RpcKind.Duplex);
        return new RpcDuplexCall<TRequest, TResponse>(this, method, options, cancellation);
    }

    /// <summary>Closes all connections; calls in progress fail.</summary>
    public void Dispose()
    {
        foreach (var peer in _peers) peer.Dispose();
    }

    /// <summary>Sends a request until a server takes it, and reads the headers of the response. The scope ends with a failure.</summary>
    internal async Task<ResponseReader> OpenAsync(CallScope scope, Func<RpcContent> body)
    {
        var attempts = await StartAsync(scope);
        while (true)
        {
            var content = body();
            var peer = await attempts.NextAsync();
            try
            {
                var reader = await SendAsync(scope, peer, content);
                attempts.Worked();
                return reader;
            }
            catch (Exception error)
            {
                attempts.FailedOrThrow(error, content);
            }
        }
    }

    /// <summary>A call that is repeated as a whole.</summary>
    private async Task<T> RunAsync<T>(CallScope scope, Func<RpcContent> body, Func<ResponseReader, ValueTask<T>> read)
    {
        var attempts = await StartAsync(scope);
        while (true)
        {
            var content = body();
            var peer = await attempts.NextAsync();
            try
            {
                using var reader = await SendAsync(scope, peer, content);
                var result = await read(reader);
                attempts.Worked();
                scope.Finish(null);
                return result;
            }
            catch (Exception error)
            {
                attempts.FailedOrThrow(error, content);
            }
        }
    }

    private async ValueTask<Attempts> StartAsync(CallScope scope)
    {
        try
        {
            await scope.StartAsync();
            return new Attempts(scope, _peers, _book, Options);
        }
        catch (Exception error)
        {
            scope.Finish(error);
            throw;
        }
    }

    private async ValueTask<ResponseReader> SendAsync(CallScope scope, Peer peer, RpcContent content)
    {
        var request = scope.Request(peer, content);
        var response = await peer.Http.SendAsync(request, scope.Token);
        return await ResponseReader.OpenAsync(response, peer.Address, Options.MaxReceiveMessageSize, scope.Options.Received);
    }

    private static string? Problem(string text, RpcChannelOptions options)
    {
        if (!RpcAddress.TryParse(text, out var address, out var problem)) return problem;
        return options.BearerToken is null || options.AllowTokenWithoutTls || address.IsPrivate
            ? null
            : $"{text} would carry the bearer token in clear text: use https, or {nameof(RpcChannelOptions.AllowTokenWithoutTls)} on a protected network.";
    }

    private static void Check(RpcMethod method, RpcKind kind)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (method.Kind != kind) throw new ArgumentException($"{method.Path} is {method.Kind}, not {kind}.", nameof(method));
    }
}
