namespace OrleansFlow.Telemetry.Exposition;

/// <summary>The values of one set of tags. Thread-safe.</summary>
/// <param name="bounds">The upper bounds of a histogram's buckets; null: it is none.</param>
internal sealed class Series(double[]? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[(bounds?.Length ?? 0) + 1];
    private double _sum;

    /// <summary>Adds to a counter, or puts into a histogram.</summary>
    public void Add(double value)
    {
        var bucket = bounds is null ? 0 : Array.BinarySearch(bounds, value) is var at && at >= 0 ? at : ~at;
        lock (_lock)
        {
            _sum += value;
            _buckets[bucket]++;
        }
    }

    /// <summary>Sets a gauge, or a counter that somebody else keeps.</summary>
    public void Set(double value)
    {
        lock (_lock) _sum = value;
    }

    /// <summary>The value, or the sum of a histogram, and how many there are in each of its buckets.</summary>
    public (double Sum, long[] Buckets) Read()
    {
        lock (_lock) return (_sum, [.. _buckets]);
    }
}
