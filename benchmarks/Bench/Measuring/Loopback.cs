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

    /// <summary>
    /// Round trips per second, after a start that does not count: there the runtime compiles, and connections find their pace. Blocks: each end has a
    /// thread of its own, since what a pool of threads does with the two varies threefold from one second to the next.
    /// </summary>
    public static double Measure(TimeSpan duration, CancellationToken cancellation)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient { NoDelay = true };
        near.Connect((IPEndPoint)listener.LocalEndpoint);
        using var far = listener.AcceptTcpClient();
        far.NoDelay = true;
        var stream = far.GetStream();
        var echo = new Thread(() => Echo(stream)) { IsBackground = true };
        echo.Start();
        Rate(near.GetStream(), Ceilings.WarmUp(duration), cancellation);
        var rate = Rate(near.GetStream(), duration, cancellation);
        near.Close();
        echo.Join();
        return rate;
    }

    /// <summary>Why what was measured between the two does not count; nothing: it does.</summary>
    public static IReadOnlyList<string> Moved(double before, double after) => Math.Abs((after / before) - 1) > Ceilings.Tolerance
        ? [FormattableString.Invariant($"round trips over loopback {before:N0}/s before, {after:N0}/s after")]
        : [];

    private static double Rate(NetworkStream stream, TimeSpan duration, CancellationToken cancellation)
    {
        var (bytes, count) = (new byte[Size], 0L);
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < duration; count++)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(bytes);
            stream.ReadExactly(bytes);
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static void Echo(NetworkStream stream)
    {
        var bytes = new byte[Size];
        try
        {
            while (stream.ReadAtLeast(bytes, Size, throwOnEndOfStream: false) == Size) stream.Write(bytes);
        }
        catch (Exception given) when (given is IOException or ObjectDisposedException)
        {
            // the measurement was given up
        }
    }
}
