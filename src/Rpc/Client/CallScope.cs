using System.Net;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Client;

/// <summary>One call over all its attempts: its deadline, its headers, and how it ends.</summary>
internal sealed class CallScope : IDisposable
{
    /// <summary>Timers take no more; and nobody waits so long.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    private readonly RpcChannel _channel;
    private readonly CancellationTokenSource? _source;
    private readonly CancellationTokenRegistration _onCaller;
    private readonly CancellationToken _caller;
    private readonly DateTimeOffset? _deadline;
    private readonly RpcClientCall _call;
    private bool _finished;

    public CallScope(RpcChannel channel, RpcMethod method, RpcCallOptions? options, CancellationToken caller)
    {
        _channel = channel;
        _caller = caller;
        Options = options ?? Default;
        Compress = Options.Compress ?? channel.Options.CompressRequests;
        var headers = new RpcMetadata();
        foreach (var (key, value) in Options.Headers ?? Enumerable.Empty<KeyValuePair<string, string>>()) headers.AddReceived(key, value);
        _call = new RpcClientCall(method, headers);
        Token = caller;
        if (Options.Timeout is not { } timeout || timeout == Timeout.InfiniteTimeSpan || timeout > s_longest) return;
        _deadline = channel.Options.Time.GetUtcNow() + timeout;
        _source = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, channel.Options.Time);
        _onCaller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Token = _source.Token;
    }

    public static RpcCallOptions Default { get; } = new();

    public RpcCallOptions Options { get; }

    public bool Compress { get; }

    /// <summary>Cancelled when the caller gives up or the deadline passes.</summary>
    public CancellationToken Token { get; }

    public bool IsIdempotent => Options.Idempotent ?? _call.Method.IsIdempotent;

    /// <summary>Before the first attempt.</summary>
    public async ValueTask StartAsync()
    {
        if (_channel.Options.BearerToken is { } bearer && await bearer(Token) is { } token) _call.Headers.Add("authorization", "Bearer " + token);
        foreach (var interceptor in _channel.Options.Interceptors) await interceptor.StartAsync(_call, Token);
    }

    public HttpRequestMessage Request(Peer peer, RpcContent content)
    {
        _call.Address = peer.Address;
        _call.Attempts++;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(peer.Target, _call.Method.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
        if (Compress) headers.TryAddWithoutValidation("grpc-encoding", Gzip.Name);
        if (_deadline is { } deadline) headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(deadline - _channel.Options.Time.GetUtcNow()));
        foreach (var (key, value) in _call.Headers) headers.TryAddWithoutValidation(key, value);
        if (_call.Headers["user-agent"] is null) headers.TryAddWithoutValidation("user-agent", "grpc-csharp-orleansflow");
        return request;
    }

    /// <summary>
    /// What an attempt's error is to the caller: his own cancellation, his own stream's error, or an <see cref="RpcException"/>.
    /// </summary>
    public Exception Explain(Exception error, string address, RpcContent? content = null)
    {
        if (_caller.IsCancellationRequested) return new OperationCanceledException("The call was cancelled.", error, _caller);
        if (content?.SourceError is { } own) return own;
        if (Token.IsCancellationRequested && error is not RpcException)
        {
            return new RpcException(RpcCode.DeadlineExceeded, $"{address} did not answer {_call.Method.Path} within {Options.Timeout}.", inner: error);
        }

        return HttpFailures.Explain(error, address);
    }

    /// <summary>Tells the interceptors, once.</summary>
    public void Finish(Exception? error)
    {
        if (_finished) return;
        _finished = true;
        var code = error switch
        {
            null => RpcCode.Ok,
            RpcException status => status.Code,
            OperationCanceledException => RpcCode.Cancelled,
            _ => RpcCode.Unknown,
        };
        foreach (var interceptor in _channel.Options.Interceptors) interceptor.Finished(_call, code);
    }

    public void Dispose()
    {
        _onCaller.Dispose();
        _source?.Dispose();
    }
}
