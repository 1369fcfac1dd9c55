using System.Runtime.CompilerServices;
using Google.Protobuf;
using OrleansFlow.Client.Errors;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Client.Calls;

/// <summary>Makes calls: their deadlines, their errors, their pages, and for streams the way back after a lost connection. Thread-safe.</summary>
internal sealed class Caller : IDisposable
{
    private readonly FlowClientOptions _options;
    private readonly RpcChannel _channel;
    private readonly RpcCallOptions _unary;
    private volatile bool _reached;

    public Caller(FlowClientOptions options)
    {
        if (options.Problems().ToList() is { Count: > 0 } problems)
            throw new ArgumentException("The client cannot be made:" + string.Concat(problems.Select(problem => "\n  " + problem)), nameof(options));
        _options = options;
        _unary = new RpcCallOptions { Timeout = options.Timeout };
        _channel = new RpcChannel(options.Addresses, new RpcChannelOptions
        {
            MaxAttempts = options.MaxAttempts,
            InitialBackoff = options.InitialBackoff,
            MaxBackoff = options.MaxBackoff,
            MaxReceiveMessageSize = options.MaxReceiveMessageSize,
            BearerToken = options.Token is null && options.TokenFile is null ? null : new TokenSource(options).GetAsync,
            AllowTokenWithoutTls = options.AllowTokenWithoutTls,
            Time = options.Time,
            Chance = options.Chance,
        });
    }

    /// <summary>The id of a command that was given none.</summary>
    public string RequestId(CommandOptions? options) => options?.RequestId ?? _options.NewRequestId();

    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            var response = await _channel.UnaryAsync(method, request, _unary, cancellation);
            _reached = true;
            return response;
        }
        catch (RpcException status)
        {
            throw ErrorReader.Read(status);
        }
    }

    /// <summary>The items of all pages, fetched as they are asked for.</summary>
    /// <param name="method">What to call.</param>
    /// <param name="request">The request of a page, by its token.</param>
    /// <param name="items">The items of a page.</param>
    /// <param name="next">Where the page after it begins; empty: there is none.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<T> PagesAsync<TRequest, TResponse, T>(
        RpcMethod<TRequest, TResponse> method,
        Func<string, TRequest> request,
        Func<TResponse, IEnumerable<T>> items,
        Func<TResponse, string> next,
        [EnumeratorCancellation] CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var token = "";
        do
        {
            var page = await CallAsync(method, request(token), cancellation);
            foreach (var item in items(page)) yield return item;
            token = next(page);
        }
        while (token.Length > 0);
    }

    /// <summary>A stream that comes back after a lost connection.</summary>
    /// <param name="method">What to call.</param>
    /// <param name="request">The request of each connection, from where the caller has come.</param>
    /// <param name="isOver">Whether a stream that the server ended has come to its end; if not, the server only left.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<TResponse> FollowAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<TRequest> request,
        Func<bool> isOver,
        [EnumeratorCancellation] CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var outage = new Outage(_options);
        while (true)
        {
            FlowException? lost = null;
            await using (var stream = _channel.ServerStreaming(method, request(), cancellation: cancellation).GetAsyncEnumerator(cancellation))
            {
                while (true)
                {
                    try
                    {
                        if (!await stream.MoveNextAsync()) break;
                    }
                    catch (RpcException status)
                    {
                        lost = ErrorReader.Read(status);
                        break;
                    }

                    _reached = true;
                    outage.Ended();
                    yield return stream.Current;
                }
            }

            if (lost is null && isOver()) yield break;
            if (lost is not null && (!_reached || !Outage.IsOne(lost))) throw lost;
            await outage.RestAsync(lost, cancellation);
        }
    }

    public void Dispose() => _channel.Dispose();
}
