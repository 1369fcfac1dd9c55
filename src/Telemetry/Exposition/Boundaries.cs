using System.Diagnostics.Metrics;
using System.Globalization;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>The bounds of a histogram's buckets: those that its instrument advises, else those of OpenTelemetry.</summary>
internal static class Boundaries
{
    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] s_others = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    /// <summary>Of an instrument.</summary>
    public static double[] Of(Instrument instrument) =>
        Advised<double>(instrument) ?? Advised<int>(instrument) ?? Advised<long>(instrument) ?? Advised<float>(instrument)
        ?? (instrument.Unit == "s" ? s_seconds : s_others);

    private static double[]? Advised<T>(Instrument instrument) where T : struct, IConvertible =>
        (instrument as Instrument<T>)?.Advice?.HistogramBucketBoundaries is { } bounds
            ? [.. bounds.Select(bound => bound.ToDouble(CultureInfo.InvariantCulture))]
            : null;
}
