using OrleansFlow.Api.Installations;

namespace OrleansFlow.Standalone.Serving;

/// <summary>
/// Keeps the public health protocol true: looks at the host every few seconds, and at once when another host has taken over. Thread-safe.
/// </summary>
internal sealed class HealthWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private readonly IInstallation _installation;
    private readonly Action<bool> _say;
    private readonly TimeProvider _time;
    private readonly CancellationToken _lost;
    private readonly CancellationTokenSource _stopping;
    private readonly Task _watching;

    /// <summary>Begins to look.</summary>
    /// <param name="installation">The host.</param>
    /// <param name="say">Told whether the server can be used.</param>
    /// <param name="time">Time.</param>
    /// <param name="lost">Cancelled when another host has taken over.</param>
    public HealthWatch(IInstallation installation, Action<bool> say, TimeProvider time, CancellationToken lost)
    {
        (_installation, _lost, _say, _time) = (installation, lost, say, time);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(lost);
        _watching = Task.Run(WatchAsync, CancellationToken.None);
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
        try
        {
            while (true)
            {
                _say(await IsServingAsync());
                await Task.Delay(Every, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // A host that has lost its place never gets it back.
            if (_lost.IsCancellationRequested) _say(false);
        }
    }

    private async Task<bool> IsServingAsync()
    {
        try
        {
            return (await _installation.LookAsync(_stopping.Token)).All(part => part.State != PartState.NotServing);
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            // What cannot even be looked at is not to be used.
            return false;
        }
    }
}
