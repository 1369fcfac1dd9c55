using Orleans.Runtime;
using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Silo.Membership;

/// <summary>Follows who is in the cluster, from before this silo is up until after it has left. Thread-safe.</summary>
/// <param name="membership">Orleans' membership.</param>
/// <param name="home">The epoch of this silo's seat.</param>
/// <param name="chance">A number from 0 up to, and without, the one given.</param>
/// <param name="observer">Hears of defects.</param>
/// <param name="time">Time.</param>
internal sealed class Members(IClusterMembershipService membership, long home, Func<int, int> chance, IEngineObserver observer, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stopping = new();
    private volatile MemberList _current = MemberList.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;

    /// <summary>Who is in it now.</summary>
    public MemberList Current => _current;

    /// <summary>Set before this silo tells anybody that it leaves: what starts from now on starts elsewhere.</summary>
    public bool Leaving { get; set; }

    /// <summary>Where an attempt that is decided on now will run: here, or when this silo leaves at any other that is up, if there is one.</summary>
    public long HomeOfNext()
    {
        if (!Leaving) return home;
        var others = _current.Active.Where(epoch => epoch != home).ToList();
        return others.Count == 0 ? home : others[chance(others.Count)];
    }

    /// <summary>Begins to follow.</summary>
    public void Begin() => _watching = Task.Run(WatchAsync, CancellationToken.None);

    /// <summary>The next list after one that was seen; it may be several changes later.</summary>
    public async Task<MemberList> NextAsync(MemberList seen, CancellationToken cancellation)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            if (!ReferenceEquals(_current, seen)) return _current;
            await changed.Task.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(_stopping.Token))
                {
                    _current = MemberList.Of(snapshot);
                    Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                }

                return;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                observer.Defect("membership", e);
            }

            await Task.Delay(Pause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
