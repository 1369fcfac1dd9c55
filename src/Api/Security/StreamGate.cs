using OrleansFlow.Api.Errors;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Security;

/// <summary>How many streams of a kind may be open at once. Thread-safe.</summary>
/// <param name="name">What it is called in errors.</param>
/// <param name="most">How many.</param>
internal sealed class StreamGate(string name, int most)
{
    private int _open;

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Lets one in until it is disposed.</summary>
    /// <exception cref="RpcException">There are too many.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _open) <= most) return new Place(this);
        Interlocked.Decrement(ref _open);
        throw ApiError.TooMany(name, most);
    }

    private sealed class Place(StreamGate gate) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) Interlocked.Decrement(ref gate._open);
        }
    }
}
