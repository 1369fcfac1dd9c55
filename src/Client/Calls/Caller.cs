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
    private readonly RpcCallOptions _unary;
    private readonly Servers _servers;
    private volatile bool _reached;

    public Caller(FlowClientOptions options)
    {
        _options = options.Checked();
        _unary = new RpcCallOptions { Timeout = options.Timeout };
        _servers = new Servers(_options);
    }

    /// <summary>The id of a command that was given none, or an empty one, which names nothing.</summary>
    public string RequestId(CommandOptions? options) =>
        string.IsNullOrEmpty(options?.RequestId) ? _options.NewRequestId() : options.RequestId;

    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            var response = await _servers.Channel.UnaryAsync(method, request, _unary, cancellation);
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
    /// <param name="mend">Asked about an error that is no outage: whether the next request is another one, and may be made.</param>
    public async IAsyncEnumerable<TResponse> FollowAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<TRequest> request,
        Func<bool> isOver,
        [EnumeratorCancellation] CancellationToken cancellation,
        Func<FlowException, bool>? mend = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var outage = new Outage(_options);
        var call = new RpcCallOptions { Opened = Opened };
        while (true)
        {
            FlowException? lost = null;
            await using (var stream = _servers.Channel.ServerStreaming(method, request(), call, cancellation).GetAsyncEnumerator(cancellation))
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

                    yield return stream.Current;
                }
            }

            if (lost is null && isOver()) yield break;
            _servers.ThrowIfDisposed();
            if (lost is not null && mend?.Invoke(lost) == true) continue;
            if (lost is not null && (!_reached || !Outage.IsOne(lost))) throw lost;
            await outage.RestAsync(lost, cancellation);
            if (lost is not null) _servers.FindAgain();
        }

        void Opened()
        {
            _reached = true;
            outage.Ended();
        }
    }

    public void Dispose() => _servers.Dispose();
}
