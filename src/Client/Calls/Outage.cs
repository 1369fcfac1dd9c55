using OrleansFlow.Client.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Calls;

/// <summary>The time that one stream is without its server: how long it rests between attempts, and when it gives up.</summary>
internal sealed class Outage(FlowClientOptions options)
{
    private DateTimeOffset? _since;
    private int _failures;
    private bool _told;

    /// <summary>Whether a stream that broke so goes on after a while: the connection, its server or its turn was lost, nothing is wrong.</summary>
    public static bool IsOne(FlowException error) => error switch
    {
        { Code: RpcCode.Unavailable or RpcCode.Cancelled } => true,
        // too many for now
        { Reason: ErrorReason.TooManyCalls } => true,
        // nobody read it for a while; or in the middle of a message, or below it
        _ => error.InnerException is RpcException { IsCutOff: true } or RpcException { IsConnectionLost: true },
    };

    /// <summary>The stream goes on.</summary>
    public void Ended()
    {
        if (_since is null) return;
        if (_told) Tell(() => options.OnRestored?.Invoke());
        (_since, _failures, _told) = (null, 0, false);
    }

    /// <summary>Waits before the next attempt: longer after each failure in a row, by a random fifth more or less.</summary>
    /// <param name="error">What went wrong; null when the server took its leave.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FlowUnavailableException">It has lasted too long.</exception>
    public async Task RestAsync(FlowException? error, CancellationToken cancellation)
    {
        var now = options.Time.GetUtcNow();
        _since ??= now;
        if (error is not null && options.ReconnectLimit != Timeout.InfiniteTimeSpan && now - _since >= options.ReconnectLimit)
            throw new FlowUnavailableException($"The server has been away for {(now - _since)?.TotalSeconds:0} s: {error.Message}", error).As(error);
        if (error is not null && !_told)
        {
            _told = true;
            Tell(() => options.OnLost?.Invoke(error));
        }

        var rest = Math.Min(options.MaxBackoff.TotalMilliseconds, options.InitialBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)));
        var wait = TimeSpan.FromMilliseconds(rest * (0.8 + 0.4 * options.Chance()));
        if (error?.RetryDelay is { } asked && asked > wait) wait = asked < options.MaxBackoff ? asked : options.MaxBackoff;
        await Task.Delay(wait, options.Time, cancellation);
    }

    /// <summary>What listeners do wrong is no reason to end a stream.</summary>
    private static void Tell(Action listener)
    {
        try
        {
            listener();
        }
#pragma warning disable CA1031 // theirs to see to
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
