using System.Diagnostics.Metrics;

namespace OrleansFlow.Telemetry.Instruments;

/// <summary>The bounds of histograms.</summary>
internal static class Buckets
{
    /// <summary>Seconds of what should take milliseconds.</summary>
    public static readonly InstrumentAdvice<double> Short =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    /// <summary>Seconds of what may wait for a slot.</summary>
    public static readonly InstrumentAdvice<double> Waits =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200] };

    /// <summary>Seconds of what users run.</summary>
    public static readonly InstrumentAdvice<double> Work =
        new() { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 21600, 86400] };

    /// <summary>Numbers of things.</summary>
    public static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500] };
}
