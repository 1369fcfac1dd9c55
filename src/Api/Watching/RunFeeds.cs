using OrleansFlow.Api.Services;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Watching;

/// <summary>The feeds of the runs that are watched: made for the first watcher, gone with the last. Thread-safe.</summary>
internal sealed class RunFeeds(ApiParts parts)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, (RunFeed Feed, int Users)> _feeds = [];

    /// <summary>How many runs are watched.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _feeds.Count;
        }
    }

    /// <summary>The feed of a run, until the lease is disposed.</summary>
    /// <exception cref="Rpc.RpcException">There is no such run.</exception>
    public async Task<Lease> JoinAsync(RunId run, CancellationToken cancellation)
    {
        RunFeed feed;
        lock (_lock)
        {
            (feed, var users) = _feeds.TryGetValue(run, out var known) ? known : (new RunFeed(parts, run), 0);
            _feeds[run] = (feed, users + 1);
        }

        var lease = new Lease(this, run, feed);
        try
        {
            if (await feed.JoinAsync(cancellation)) return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        lease.Dispose();
        throw RunFinder.NoRun(run);
    }

    private void Leave(RunId run)
    {
        RunFeed? last = null;
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
    public sealed class Lease(RunFeeds feeds, RunId run, RunFeed feed) : IDisposable
    {
        private int _left;

        /// <summary>The feed.</summary>
        public RunFeed Feed => feed;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) feeds.Leave(run);
        }
    }
}
