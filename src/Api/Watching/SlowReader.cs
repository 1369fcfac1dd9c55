using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Watching;

/// <summary>Cuts a stream off whose caller does not take what it is sent: he goes on from his cursor. Not thread-safe.</summary>
internal sealed class SlowReader : IDisposable
{
    /// <summary>How long a message may wait for its reader.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ITimer _timer;

    public SlowReader(RpcContext context, TimeProvider time) =>
        _timer = time.CreateTimer(static http => ((Microsoft.AspNetCore.Http.HttpContext)http!).Abort(), context.Http, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>A message goes out.</summary>
    public T Sending<T>(T message)
    {
        _timer.Change(Patience, Timeout.InfiniteTimeSpan);
        return message;
    }

    /// <summary>It was taken.</summary>
    public void Sent() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
