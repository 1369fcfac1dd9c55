using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansFlow.Rpc.Server;

/// <summary>
/// Cuts off callers who do not take what they are sent: what waits for them is memory of the server, and a place that others may need.
/// </summary>
/// <param name="limit">How long something may wait for its reader; infinite: for ever.</param>
/// <param name="time">Measures it.</param>
internal sealed class ReaderPatience(TimeSpan limit, TimeProvider time)
{
    /// <summary>ENHANCE_YOUR_CALM of HTTP/2, which is RESOURCE_EXHAUSTED of gRPC: no status of ours reaches one who does not read.</summary>
    private const int EnhanceYourCalm = 0xb;

    /// <summary>Waits until the caller has taken what was flushed, or cuts him off.</summary>
    public async ValueTask WatchAsync(HttpContext http, ValueTask<FlushResult> flushing)
    {
        if (flushing.IsCompleted || limit == Timeout.InfiniteTimeSpan)
        {
            await flushing;
            return;
        }

        using var timer = time.CreateTimer(static state => CutOff((HttpContext)state!), http, limit, Timeout.InfiniteTimeSpan);
        await flushing;
    }

    private static void CutOff(HttpContext http)
    {
        if (http.Features.Get<IHttpResetFeature>() is { } stream) stream.Reset(EnhanceYourCalm);
        else http.Abort();
    }
}
