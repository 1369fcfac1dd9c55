namespace OrleansFlow.Bench.Measuring;

/// <summary>How long many things took: counted in steps of a tenth of a millisecond, so that millions cost no memory. Thread-safe.</summary>
internal sealed class Latencies
{
    private const double Step = 0.1;
    private readonly long[] _counts = new long[600_000];

    /// <summary>How many there are.</summary>
    public long Count => _counts.Sum();

    /// <summary>Adds one. Milliseconds; what took more than a minute counts as a minute.</summary>
    public void Add(double milliseconds) =>
        Interlocked.Increment(ref _counts[Math.Clamp((int)(milliseconds / Step), 0, _counts.Length - 1)]);

    /// <summary>The time within which this part of them was done, in milliseconds; the upper edge of its step.</summary>
    /// <param name="part">From 0 to 1.</param>
    public double Percentile(double part)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(part * Count));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
            if ((seen += _counts[i]) >= wanted)
                return (i + 1) * Step;
        throw new InvalidOperationException("nothing was timed");
    }

    /// <summary>The nearest-rank percentile of exact numbers.</summary>
    /// <param name="sorted">The numbers, in order; at least one.</param>
    /// <param name="part">From 0 to 1.</param>
    public static double Percentile(IReadOnlyList<double> sorted, double part) =>
        sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
}
