using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>How an instrument's values add up.</summary>
internal enum FamilyKind
{
    /// <summary>Only grows.</summary>
    Counter = 1,

    /// <summary>Goes up and down.</summary>
    Gauge = 2,

    /// <summary>Many values, in buckets.</summary>
    Histogram = 3,
}

/// <summary>All values of an instrument. Thread-safe.</summary>
internal sealed class Family
{
    /// <summary>The most sets of tags that are kept apart: what comes after goes into one of its own, which says so.</summary>
    public const int MostSeries = 2000;

    private static readonly KeyValuePair<string, object?>[] s_overflow = [new("otel_metric_overflow", true)];
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _series = new(TagSets.Comparer);
    private readonly bool _sets;

    /// <summary>Begins with no values.</summary>
    /// <param name="instrument">The instrument.</param>
    public Family(Instrument instrument)
    {
        var type = instrument.GetType();
        var shape = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        Instrument = instrument;
        Kind = shape == typeof(Counter<>) || shape == typeof(ObservableCounter<>) ? FamilyKind.Counter
            : shape == typeof(Histogram<>) ? FamilyKind.Histogram
            : FamilyKind.Gauge;
        _sets = instrument.IsObservable || shape == typeof(Gauge<>);
        Bounds = Kind == FamilyKind.Histogram ? Boundaries.Of(instrument) : null;
    }

    /// <summary>The instrument.</summary>
    public Instrument Instrument { get; }

    /// <summary>How its values add up.</summary>
    public FamilyKind Kind { get; }

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public double[]? Bounds { get; }

    /// <summary>The values by their tags.</summary>
    public IEnumerable<KeyValuePair<KeyValuePair<string, object?>[], Series>> Series => _series;

    /// <summary>Takes a measurement.</summary>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var lookup = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (!lookup.TryGetValue(tags, out var series)) series = Add(tags.ToArray());
        if (_sets) series.Set(value);
        else series.Add(value);
    }

    /// <summary>What is observed anew each time is forgotten before: what is not there any more must not stay.</summary>
    public void Forget()
    {
        if (Instrument.IsObservable) _series.Clear();
    }

    private Series Add(KeyValuePair<string, object?>[] tags) =>
        _series.GetOrAdd(_series.Count < MostSeries ? tags : s_overflow, _ => new Series(Bounds));
}
