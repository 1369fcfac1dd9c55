using OrleansFlow.Scheduling.Hosting;

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
    private readonly ChangedRunsBacklog _backlog = new();
    private readonly Carrier _carrier = new("telling other hosts of changes", Pace, observer, time);

    /// <summary>Carries until it is cancelled. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        changes.RelayTo(_backlog);
        await Task.WhenAll(_carrier.CarryAsync(_backlog, news => notices.TellAsync(news, cancellation), cancellation), ListenAsync(cancellation));
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (!cancellation.IsCancellationRequested)
        {
            await _carrier.TryAsync(
                () => notices.ListenAsync(
                    news =>
                    {
                        pause = FirstPause;
                        changes.TellOfOthers(news);
                    },
                    cancellation),
                cancellation);
            await _carrier.PauseAsync(pause, cancellation);
            pause = Carrier.Longer(pause);
        }
    }
}
