namespace OrleansFlow.Rpc.Server;

/// <summary>The reasons for which a call ends early, in one token: the caller, its deadline, a server that stops.</summary>
internal sealed class CallLifetime : IDisposable
{
    /// <summary>The longest wait of a timer; a deadline beyond it is none.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _aborted;
    private readonly TimeSpan? _most;
    private readonly ServerLifetime _server;
    private readonly CancellationTokenRegistration _onAborted;
    private readonly CancellationTokenRegistration _onDrained;

    /// <param name="timeout">How long the caller waits; null: for ever.</param>
    /// <param name="most">How long the server lets it take; null: for ever.</param>
    /// <param name="time">Measures both.</param>
    /// <param name="server">The server's own end.</param>
    /// <param name="aborted">The caller is gone.</param>
    public CallLifetime(TimeSpan? timeout, TimeSpan? most, TimeProvider time, ServerLifetime server, CancellationToken aborted)
    {
        _aborted = aborted;
        _server = server;
        if (most < (timeout ?? TimeSpan.MaxValue)) timeout = _most = most;
        if (timeout is { } limit && limit <= LongestTimer)
        {
            Deadline = time.GetUtcNow() + limit;
            _source = limit > TimeSpan.Zero ? new CancellationTokenSource(limit, time) : Passed();
        }
        else
        {
            _source = new CancellationTokenSource();
        }

        _onAborted = aborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _onDrained = server.Drained.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Token = _source.Token;
    }

    public DateTimeOffset? Deadline { get; }

    public CancellationToken Token { get; }

    public CancellationToken Stopping => _server.Stopping;

    public bool CallerIsGone => _aborted.IsCancellationRequested;

    /// <summary>What to answer when the call was cancelled; null when the server did not want it.</summary>
    public RpcException? Reason()
    {
        if (!Token.IsCancellationRequested) return null;
        if (_aborted.IsCancellationRequested) return new RpcException(RpcCode.Cancelled, "The caller cancelled the call.");
        if (_server.Drained.IsCancellationRequested)
            return new RpcException(RpcCode.Unavailable, "The server is stopping. Try again: another one, or this one once it is back.");
        return new RpcException(RpcCode.DeadlineExceeded, _most is { } most
            ? $"The call took longer than this server lets it: {most:g}."
            : "The deadline of the call has passed.");
    }

    public void Dispose()
    {
        _onAborted.Dispose();
        _onDrained.Dispose();
        _source.Dispose();
    }

    private static CancellationTokenSource Passed()
    {
        var source = new CancellationTokenSource();
        source.Cancel();
        return source;
    }
}
