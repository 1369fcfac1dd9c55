using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Hosting;

/// <summary>
/// Peers that are grains, wherever they live. What fails because a silo is gone, going or not in charge any more is called again: every
/// message of peers may be. Thread-safe.
/// </summary>
/// <param name="grains">How grains are found.</param>
/// <param name="time">Time.</param>
/// <param name="patience">
/// For how long a call is made again before the caller learns <see cref="PeerUnavailableException"/>; null: until the caller gives up, which is for
/// coordinators, whose effects nobody else repeats.
/// </param>
public sealed class GrainPeers(IGrainFactory grains, TimeProvider time, TimeSpan? patience) : RoutedPeers
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, PoolNews> _news = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task<TReply> AskAsync<TPeer, TReply>(RowKey row, Func<TPeer, Task<TReply>> call, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var peer = (TPeer)grains.Of(row);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await call(peer);
            }
            catch (Exception e) when (IsOfTheWay(e) && !cancellation.IsCancellationRequested)
            {
                if (time.GetElapsedTime(started) > patience)
                    throw new PeerUnavailableException($"{row} did not answer within {patience}: {e.Message}", e);
            }

            await PauseAsync(pause, cancellation);
        }
    }

    /// <inheritdoc/>
    protected override Task<TReply> CommandAsync<TPeer, TCommand, TReply>(
        RowKey row, TCommand command, Func<TPeer, TCommand, Task<TReply>> call, CancellationToken cancellation) =>
        base.CommandAsync(row, UserCommand.Named(command, () => Guid.NewGuid().ToString()), call, cancellation);

    /// <inheritdoc/>
    protected override Task TellPoolAsync(RowKey pool, WaitForSlots message, CancellationToken cancellation) => NewsOf(pool).AddAsync(message, cancellation);

    /// <inheritdoc/>
    protected override Task TellPoolAsync(RowKey pool, SlotsReleased message, CancellationToken cancellation) => NewsOf(pool).AddAsync(message, cancellation);

    private PoolNews NewsOf(RowKey pool) => _news.GetOrAdd(
        pool.Id, _ => new PoolNews((message, cancellation) => base.TellPoolAsync(pool, message, cancellation), (message, cancellation) => base.TellPoolAsync(pool, message, cancellation)));

    private Task PauseAsync(TimeSpan pause, CancellationToken cancellation) => System.Threading.Tasks.Task.Delay(pause, time, cancellation);

    // Not of what was asked. A host that is told to stop, or that another has taken over from, answers with its own end.
    private static bool IsOfTheWay(Exception error) => error is OrleansMessageRejectionException or TimeoutException or OperationCanceledException or FencedException;
}
