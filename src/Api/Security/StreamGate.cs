using OrleansFlow.Api.Errors;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Security;

/// <summary>
/// How many streams of a kind may be open at once: of all callers, of one of them, so that none can take the places of all, and of one
/// connection, so that its other calls still get through. Thread-safe.
/// </summary>
/// <param name="method">The method, for errors.</param>
/// <param name="most">How many of all callers; one of them may have three quarters of that.</param>
/// <param name="mostOfConnection">How many streams of all kinds one connection may have.</param>
internal sealed class StreamGate(string method, int most, int mostOfConnection)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _callers = new(StringComparer.Ordinal);
    private readonly int _mostOfCaller = most - (most / 4);
    private int _open;

    /// <summary>Lets one in until it is disposed.</summary>
    /// <exception cref="RpcException">There are too many.</exception>
    public IDisposable Enter(RpcContext context)
    {
        var caller = Caller.Of(context).Name;
        var connection = ConnectionStreams.Of(context.Http);
        lock (_lock)
        {
            if (_open >= most) throw ApiError.TooMany($"the number of open {method} streams", most);
            var ofCaller = _callers.GetValueOrDefault(caller);
            if (ofCaller >= _mostOfCaller) throw ApiError.TooMany($"the number of open {method} streams of one caller", _mostOfCaller);
            if (!connection.TryEnter(mostOfConnection)) throw ApiError.TooMany("the number of open streams of one connection", mostOfConnection);
            _callers[caller] = ofCaller + 1;
            _open++;
        }

        return new Place(this, caller, connection);
    }

    private void Leave(string caller, ConnectionStreams connection)
    {
        connection.Leave();
        lock (_lock)
        {
            _open--;
            if (_callers[caller] == 1) _callers.Remove(caller);
            else _callers[caller]--;
        }
    }

    private sealed class Place(StreamGate gate, string caller, ConnectionStreams connection) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(caller, connection);
        }
    }
}
