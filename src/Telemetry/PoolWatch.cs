using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry;

/// <summary>Looks now and then how the pools are used: that takes a query, which must not wait for whoever collects. Thread-safe.</summary>
internal sealed class PoolWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;

    /// <summary>Begins to look.</summary>
    /// <param name="read">Reads how they are used.</param>
    /// <param name="see">Told what was read.</param>
    /// <param name="time">Time.</param>
    public PoolWatch(Func<CancellationToken, Task<IReadOnlyList<PoolUsage>>> read, Action<IReadOnlyList<PoolUsage>> see, TimeProvider time) =>
        _watching = Task.Run(() => WatchAsync(read, see, time), CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WatchAsync(Func<CancellationToken, Task<IReadOnlyList<PoolUsage>>> read, Action<IReadOnlyList<PoolUsage>> see, TimeProvider time)
    {
        while (true)
        {
            try
            {
                see(await read(_stopping.Token));
            }
            catch (StoreException)
            {
                // The database is away, which is told elsewhere: what was true of pools is nothing to go by now.
                see([]);
            }

            await Task.Delay(Every, time, _stopping.Token);
        }
    }
}
