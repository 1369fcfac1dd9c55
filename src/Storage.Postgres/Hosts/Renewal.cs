using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>Keeps a host's registration alive, until it is told to stop or finds that the registration is gone. Thread-safe.</summary>
internal sealed class Renewal : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _renewing;

    /// <summary>Begins.</summary>
    /// <param name="options">How often.</param>
    /// <param name="time">Time.</param>
    /// <param name="renew">
    /// Renews; false: the registration is gone, because another host has removed it. A <see cref="StoreException"/> says that the database is away:
    /// it is tried again when it is time for the next one.
    /// </param>
    public Renewal(HostOptions options, TimeProvider time, Func<CancellationToken, Task<bool>> renew)
    {
        Lost = _lost.Token;
        _renewing = RunAsync(options.RenewEvery, time, renew);
    }

    /// <summary>Cancelled when the registration is gone, or can be renewed no more.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether it was told to stop.</summary>
    public bool IsStopped => _stopping.IsCancellationRequested;

    /// <summary>Stops; returns when nothing is renewed any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _lost.Dispose();
    }

    private async Task RunAsync(TimeSpan every, TimeProvider time, Func<CancellationToken, Task<bool>> renew)
    {
        try
        {
            while (await RenewAsync(every, time, renew))
            {
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            // also after a defect: whoever cannot renew is replaced soon, and had better know
            if (!_stopping.IsCancellationRequested) await _lost.CancelAsync();
        }
    }

    private async Task<bool> RenewAsync(TimeSpan every, TimeProvider time, Func<CancellationToken, Task<bool>> renew)
    {
        await Task.Delay(every, time, _stopping.Token);
        try
        {
            return await renew(_stopping.Token);
        }
        catch (StoreException)
        {
            // the database is away: it is tried again
            return true;
        }
    }
}
