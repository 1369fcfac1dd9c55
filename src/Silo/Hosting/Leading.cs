using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Silo.Hosting;

/// <summary>What the leader of a cluster does.</summary>
internal sealed record LeadersWork
{
    /// <summary>Puts hosts out, as <see cref="ClusterSeat.PutOutAsync"/> does.</summary>
    public required Func<IReadOnlySet<long>, IReadOnlySet<long>, CancellationToken, Task<IReadOnlyList<string>>> PutOut { get; init; }

    /// <summary>Takes up what was left, then drives what nobody else would, until it is cancelled.</summary>
    public required Func<CancellationToken, Task> Lead { get; init; }

    /// <summary>Takes up what a host left that died since.</summary>
    public required Func<CancellationToken, Task> Recover { get; init; }

    /// <summary>What else there is to do, until it is cancelled.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Chores { get; init; } = [];
}

/// <summary>
/// What one silo of the cluster does for all: puts out the dead and takes up at once what they left, sweeps, reconciles, and whatever else should
/// not be done twice. The others wait to become the one; two at once do no harm.
/// </summary>
/// <param name="members">Who is in the cluster.</param>
/// <param name="home">The epoch of this silo's seat.</param>
/// <param name="work">What there is to do.</param>
/// <param name="observer">Hears of it.</param>
/// <param name="note">Writes a line into the host's log.</param>
/// <param name="time">Time.</param>
internal sealed class Leading(Members members, long home, LeadersWork work, IEngineObserver observer, Action<string> note, TimeProvider time) : IDisposable
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
            if (list.Leader == home && turn is null)
            {
                note("this silo leads now");
                turn = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                leading = LeadAsync(turn.Token);
            }
            else if (list.Leader != home && turn is not null)
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
        // first of all: what is taken up from the dead must be nobody's any more
        await KeepAsync("putting out", () => PutOutAsync(cancellation), cancellation);
        await Task.WhenAll([
            KeepAsync("leading", () => work.Lead(cancellation), cancellation),
            KeepAsync("taking up", () => TakeUpAsync(cancellation), cancellation),
            .. work.Chores.Select(chore => KeepAsync("a chore of the leader", () => Task.Run(() => chore(cancellation), CancellationToken.None), cancellation)),
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
            catch (StoreException e) when (e.MayPass)
            {
                observer.StoreUnavailable(e.Message);
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
            await KeepAsync("putting out", () => PutOutAsync(cancellation), cancellation);
            if (news) await RecoverAsync(cancellation);
        }
    }

    private async Task RecoverAsync(CancellationToken cancellation)
    {
        try
        {
            await work.Recover(cancellation);
        }
        catch
        {
            // what was not taken up is news still
            _deaths.Release();
            throw;
        }
    }

    private async Task PutOutAsync(CancellationToken cancellation)
    {
        var list = members.Current;
        foreach (var host in await work.PutOut(list.Living.Keys.ToHashSet(), list.Dead, cancellation)) note($"put out {host}");
    }
}
