namespace OrleansFlow.Rpc.Server;

/// <summary>When the server begins to stop, and when it waits no longer for calls in progress.</summary>
internal sealed class ServerLifetime
{
    public ServerLifetime(TimeSpan drainLimit, TimeProvider time, CancellationToken stopping)
    {
        var drained = new CancellationTokenSource();
        Stopping = stopping;
        Drained = drained.Token;
        stopping.Register(() => _ = DrainAsync());

        async Task DrainAsync()
        {
            await Task.Delay(drainLimit, time, CancellationToken.None);
            await drained.CancelAsync();
        }
    }

    /// <summary>The host was told to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Calls in progress have had their time.</summary>
    public CancellationToken Drained { get; }
}
