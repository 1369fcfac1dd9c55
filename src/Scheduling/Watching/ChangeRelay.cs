using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>
/// Carries what <see cref="RowChanges"/> hears to the other hosts of the database, and what they tell to those who watch here. Beside the commits and
/// never in their way: what cannot be told is told later, or is found by those who look by themselves.
/// </summary>
/// <param name="changes">This host's.</param>
/// <param name="notices">The way to the others.</param>
/// <param name="observer">Hears of defects.</param>
/// <param name="time">Time.</param>
public sealed class ChangeRelay(RowChanges changes, IRunNotices notices, IEngineObserver observer, TimeProvider time)
{
    /// <summary>The shortest time between two notices of this host. 50 ms.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly ChangedRunsBacklog _backlog = new();

    /// <summary>Carries until it is cancelled. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        changes.RelayTo(_backlog);
        await Task.WhenAll(TellAsync(cancellation), ListenAsync(cancellation));
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        for (var pause = Pace; await WaitAsync(_backlog.News.WaitAsync(cancellation)); await WaitAsync(Task.Delay(pause, time, cancellation)))
        {
            var news = _backlog.Take();
            if (await TryAsync(() => notices.TellAsync(news, cancellation), cancellation))
            {
                pause = Pace;
            }
            else
            {
                _backlog.Add(news);
                pause = Longer(pause);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (!cancellation.IsCancellationRequested)
        {
            await TryAsync(
                () => notices.ListenAsync(
                    news =>
                    {
                        pause = FirstPause;
                        changes.TellOfOthers(news);
                    },
                    cancellation),
                cancellation);
            await WaitAsync(Task.Delay(pause, time, cancellation));
            pause = Longer(pause);
        }
    }

    private async Task<bool> TryAsync(Func<Task> work, CancellationToken cancellation)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e)
        {
            // a database that is away has been reported by others
            if (e is not StoreException && !cancellation.IsCancellationRequested) observer.Defect("telling other hosts of changes", e);
            return false;
        }
    }

    /// <summary>Waits; false when it was cancelled.</summary>
    private static async Task<bool> WaitAsync(Task wait)
    {
        try
        {
            await wait;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
