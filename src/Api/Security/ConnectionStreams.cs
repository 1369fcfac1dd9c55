using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace OrleansFlow.Api.Security;

/// <summary>How many streams one connection has open: of whatever kind, whosever they are. Thread-safe.</summary>
internal sealed class ConnectionStreams
{
    private static readonly object s_key = new();
    private int _open;

    /// <summary>That of the connection of a call.</summary>
    public static ConnectionStreams Of(HttpContext http)
    {
        if (http.Features.Get<IConnectionItemsFeature>()?.Items is not { } items) return new ConnectionStreams();
        lock (items)
        {
            if (items.TryGetValue(s_key, out var known) && known is ConnectionStreams streams) return streams;
            streams = new ConnectionStreams();
            items[s_key] = streams;
            return streams;
        }
    }

    /// <summary>Counts one more, unless there are that many.</summary>
    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _open) <= most) return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    /// <summary>One has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _open);
}
