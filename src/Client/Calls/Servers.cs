using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Client.Calls;

/// <summary>Where the servers are, and the connections to them. Thread-safe.</summary>
internal sealed class Servers : IDisposable
{
    private readonly FlowClientOptions _options;
    private readonly Lock _lock = new();
    private readonly List<RpcChannel> _channels = [];
    private IReadOnlyList<string> _addresses;
    private volatile RpcChannel _channel;
    private volatile bool _disposed;

    public Servers(FlowClientOptions options)
    {
        _options = options;
        _addresses = [.. options.Addresses];
        _channels.Add(_channel = Connect(_addresses));
    }

    /// <summary>The connections to where the servers are now.</summary>
    public RpcChannel Channel
    {
        get
        {
            ThrowIfDisposed();
            return _channel;
        }
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(FlowClient));

    /// <summary>Asks where the servers are when none of them answered. Calls that are open keep their connections.</summary>
    public void FindAgain()
    {
        if (_options.FindAddresses is not { } find || find() is not { Count: > 0 } found) return;
        lock (_lock)
        {
            if (_disposed || found.SequenceEqual(_addresses)) return;
            _channels.Add(_channel = Connect(found));
            _addresses = found;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var channel in _channels) channel.Dispose();
        }
    }

    private RpcChannel Connect(IReadOnlyList<string> addresses) => new(addresses, _options.Channel());
}
