using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Services;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Watching;

/// <summary>The feeds of the runs that are watched, as many and as large as the limits allow. Thread-safe.</summary>
internal sealed class RunFeeds(ApiParts parts)
{
    private readonly Feeds<RunFeed> _feeds = new(run => new RunFeed(parts, run), parts.Limits.MaxFollowedRuns);

    /// <summary>How many runs are watched.</summary>
    public int Count => _feeds.Count;

    /// <summary>The feed of a run, until the lease is disposed.</summary>
    /// <exception cref="Rpc.RpcException">There is no such run, or too much is watched.</exception>
    public async Task<Feeds<RunFeed>.Lease> JoinAsync(RunId run, CancellationToken cancellation)
    {
        var lease = _feeds.Enter(run, RequireRoom);
        try
        {
            if (await lease.Feed.JoinAsync(cancellation)) return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        lease.Dispose();
        throw RunFinder.NoRun(run);
    }

    // The one that comes is not read yet: together they may be larger by that one.
    private void RequireRoom(IEnumerable<RunFeed> known)
    {
        var most = parts.Limits.MaxFollowedTasks;
        if (known.Sum(feed => (long)feed.Size) >= most) throw ApiError.TooMany("the number of task instances of the runs that are watched", most);
    }
}
