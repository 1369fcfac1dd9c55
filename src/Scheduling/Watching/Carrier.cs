using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>What gathers until it is carried on. Thread-safe.</summary>
/// <typeparam name="T">All that gathers between two times.</typeparam>
internal interface IBacklog<T>
{
    /// <summary>Completes when there is something.</summary>
    Task News { get; }

    /// <summary>All there is, and forgets it.</summary>
    T Take();

    /// <summary>What could not be carried on is to be carried later.</summary>
    void PutBack(T taken);
}

/// <summary>
/// Carries things on beside the work of a host and never in its way: not more often than the pace, and what cannot be carried is carried later, with
/// what has gathered since.
/// </summary>
/// <param name="subject">What it does, for defects.</param>
/// <param name="pace">The shortest time between two times.</param>
/// <param name="observer">Hears of defects.</param>
/// <param name="time">Time.</param>
internal sealed class Carrier(string subject, TimeSpan pace, IEngineObserver observer, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>The next pause after one that was in vain. 5 s at most.</summary>
    public static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    /// <summary>Carries until it is cancelled. Throws nothing.</summary>
    public async Task CarryAsync<T>(IBacklog<T> backlog, Func<T, Task> carry, CancellationToken cancellation)
    {
        for (var pause = pace; await WaitAsync(backlog.News.WaitAsync(cancellation)); await PauseAsync(pause, cancellation))
        {
            var taken = backlog.Take();
            if (await TryAsync(() => carry(taken), cancellation))
            {
                pause = pace;
            }
            else
            {
                backlog.PutBack(taken);
                pause = Longer(pause);
            }
        }
    }

    /// <summary>Does something; false when it went wrong.</summary>
    public async Task<bool> TryAsync(Func<Task> work, CancellationToken cancellation)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e)
        {
            // a database that is away has been reported by others
            if (e is not StoreException && !cancellation.IsCancellationRequested) observer.Defect(subject, e);
            return false;
        }
    }

    /// <summary>Returns after a while, or when it is cancelled.</summary>
    public Task PauseAsync(TimeSpan pause, CancellationToken cancellation) => WaitAsync(Task.Delay(pause, time, cancellation));

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
}
