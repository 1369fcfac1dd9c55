using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansFlow.Bench.Measuring;

/// <summary>
/// What the machine does at most where no database is involved: 100 bytes there and back over a plain loopback connection, one after the
/// other. Measured before and after, it tells whether neighbours came or went.
/// </summary>
internal static class Loopback
{
    private const int Size = 100;

    /// <summary>Round trips per second, after a start that does not count: there the runtime compiles, and connections find their pace.</summary>
    public static async Task<double> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient { NoDelay = true };
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellation);
        using var far = await listener.AcceptTcpClientAsync(cancellation);
        far.NoDelay = true;
        var echo = EchoAsync(far.GetStream(), cancellation);
        await RateAsync(near.GetStream(), Ceilings.WarmUp(duration), cancellation);
        var rate = await RateAsync(near.GetStream(), duration, cancellation);
        near.Close();
        await echo;
        return rate;
    }

    /// <summary>Why what was measured between the two does not count; nothing: it does.</summary>
    public static IReadOnlyList<string> Moved(double before, double after) => Math.Abs((after / before) - 1) > Ceilings.Tolerance
        ? [FormattableString.Invariant($"round trips over loopback {before:N0}/s before, {after:N0}/s after")]
        : [];

    private static async Task<double> RateAsync(NetworkStream stream, TimeSpan duration, CancellationToken cancellation)
    {
        var (bytes, count) = (new byte[Size], 0L);
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < duration; count++)
        {
            await stream.WriteAsync(bytes, cancellation);
            await stream.ReadExactlyAsync(bytes, cancellation);
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task EchoAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var bytes = new byte[Size];
        while (await stream.ReadAtLeastAsync(bytes, Size, throwOnEndOfStream: false, cancellation) == Size) await stream.WriteAsync(bytes, cancellation);
    }
}
