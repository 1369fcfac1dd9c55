using OrleansFlow.Api.Errors;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Watching;

/// <summary>What watchers of a run share: made for the first one, gone with the last. Thread-safe.</summary>
/// <typeparam name="TFeed">What they share.</typeparam>
/// <param name="make">Makes it.</param>
/// <param name="most">Of how many runs at once.</param>
internal sealed class Feeds<TFeed>(Func<RunId, TFeed> make, int most) where TFeed : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, (TFeed Feed, int Users)> _feeds = [];

    /// <summary>Of how many runs there are some.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _feeds.Count;
        }
    }

    /// <summary>The feed of a run, until the lease is disposed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="admit">Looks at those that there are before one more is made; what it throws refuses that one.</param>
    /// <exception cref="Rpc.RpcException">There are too many.</exception>
    public Lease Enter(RunId run, Action<IEnumerable<TFeed>>? admit = null)
    {
        lock (_lock)
        {
            if (!_feeds.TryGetValue(run, out var entry))
            {
                if (_feeds.Count >= most) throw ApiError.TooMany("the number of runs that are followed", most);
                admit?.Invoke(_feeds.Values.Select(known => known.Feed));
                entry = (make(run), 0);
            }

            _feeds[run] = (entry.Feed, entry.Users + 1);
            return new Lease(this, run, entry.Feed);
        }
    }

    private void Leave(RunId run)
    {
        TFeed? last = null;
        lock (_lock)
        {
            var (feed, users) = _feeds[run];
            if (users > 1) _feeds[run] = (feed, users - 1);
            else
            {
                _feeds.Remove(run);
                last = feed;
            }
        }

        last?.Dispose();
    }

    /// <summary>A watcher's hold on a feed.</summary>
    public sealed class Lease(Feeds<TFeed> feeds, RunId run, TFeed feed) : IDisposable
    {
        private int _left;

        /// <summary>The feed.</summary>
        public TFeed Feed => feed;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) feeds.Leave(run);
        }
    }
}
