using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Silo.Hosting;

/// <summary>
/// What one silo of the cluster does for all: puts out the dead and takes up at once what they left, sweeps, reconciles, and whatever else should
/// not be done twice. The others wait to become the one; two at once do no harm.
/// </summary>
/// <param name="members">Who is in the cluster.</param>
/// <param name="seat">This silo's seat.</param>
/// <param name="engine">This silo's engine.</param>
/// <param name="chores">What else the leader does, until it is cancelled.</param>
/// <param name="observer">Hears of it.</param>
/// <param name="note">Writes a line into the host's log.</param>
/// <param name="time">Time.</param>
internal sealed class Leading(
    Members members, ClusterSeat seat, Engine engine, IReadOnlyList<Func<CancellationToken, Task>> chores, IEngineObserver observer,
    Action<string> note, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly SemaphoreSlim _deaths = new(0);

    /// <summary>Watches the membership, and leads whenever it is this silo's turn, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var leading = Task.CompletedTask;
        var turn = default(CancellationTokenSource);
        var known = new HashSet<long>();
        try
        {
            await foreach (var list in members.WatchAsync(cancellation))
            {
                var before = known.Count;
                known.UnionWith(list.Dead);
                var news = known.Count > before;
                if (list.Leader == seat.Epoch && turn is null)
                {
                    note("this silo leads now");
                    turn = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                    leading = LeadAsync(turn.Token);
                }
                else if (list.Leader != seat.Epoch && turn is not null)
                {
                    await EndAsync(turn, leading);
                    turn = null;
                }
                else if (news)
                {
                    _deaths.Release();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            if (turn is not null) await EndAsync(turn, leading);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _deaths.Dispose();

    private static async Task EndAsync(CancellationTokenSource turn, Task leading)
    {
        await turn.CancelAsync();
        await leading;
        turn.Dispose();
    }

    private async Task LeadAsync(CancellationToken cancellation)
    {
        try
        {
            while (!await TryPutOutAsync(cancellation)) await Task.Delay(Pause, time, cancellation);
            await Task.WhenAll(
                engine.LeadAsync(cancellation),
                TakeUpAsync(cancellation),
                Task.WhenAll(chores.Select(chore => Task.Run(() => chore(cancellation), CancellationToken.None))));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            observer.Defect("leading the cluster", e);
        }
    }

    // Also now and then without news: who let his lease run out before he was a member is nobody's news.
    private async Task TakeUpAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var news = await _deaths.WaitAsync(TimeSpan.FromSeconds(10), cancellation);
            while (!await TryPutOutAsync(cancellation)) await Task.Delay(Pause, time, cancellation);
            if (news) await engine.RecoverAsync(cancellation);
        }
    }

    private async Task<bool> TryPutOutAsync(CancellationToken cancellation)
    {
        try
        {
            var list = members.Current;
            foreach (var host in await seat.PutOutAsync(list.Living.Keys.ToHashSet(), list.Dead, cancellation)) note($"put out {host}");
            return true;
        }
        catch (StoreException e)
        {
            observer.StoreUnavailable(e.Message);
            return false;
        }
    }
}
