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

    /// <summary>Without news too: who let its lease run out before it was a member is nobody's news.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _deaths = new(0);

    /// <summary>Follows the membership, and leads whenever it is this silo's turn, until it is cancelled. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var (leading, turn, list) = (Task.CompletedTask, default(CancellationTokenSource), MemberList.Empty);
        var known = new HashSet<long>();
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                list = await members.NextAsync(list, cancellation);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var before = known.Count;
            known.UnionWith(list.Dead);
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
            else if (known.Count > before && turn is not null)
            {
                _deaths.Release();
            }
        }

        if (turn is not null) await EndAsync(turn, leading);
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
        while (!await TryPutOutAsync(cancellation)) await Task.Delay(Pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll([
            KeepAsync("leading", () => engine.LeadAsync(cancellation), cancellation),
            KeepAsync("taking up", () => TakeUpAsync(cancellation), cancellation),
            .. chores.Select(chore => KeepAsync("a chore of the leader", () => Task.Run(() => chore(cancellation), CancellationToken.None), cancellation)),
        ]);
    }

    // What goes wrong in one part ends neither that part nor the others.
    private async Task KeepAsync(string name, Func<Task> work, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await work();
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                observer.Defect(name, e);
            }

            await Task.Delay(Pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeUpAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var news = await _deaths.WaitAsync(LookEvery, cancellation);
            while (!await TryPutOutAsync(cancellation)) await Task.Delay(Pause, time, cancellation);
            if (news) await engine.RecoverAsync(cancellation);
        }
    }

    // True when nobody is left to be put out, and also when there is no point in trying any more.
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
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return true;
        }
    }
}
