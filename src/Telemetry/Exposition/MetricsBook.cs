using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>
/// Adds up what instruments measure, from its creation on, and writes it down for Prometheus: what an exporter would do, had it been asked
/// for. Thread-safe.
/// </summary>
public sealed class MetricsBook : IDisposable
{
    private readonly ConcurrentDictionary<Instrument, Family> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="reads">Whether it takes an instrument in.</param>
    public MetricsBook(Func<Instrument, bool> reads)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!reads(instrument)) return;
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, published => new Family(published)));
        };
        _listener.MeasurementsCompleted = (instrument, state) => _families.TryRemove(instrument, out _);
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => ((Family)state!).Take((double)value, tags));
        _listener.Start();
    }

    /// <summary>What has been measured so far, in Prometheus' text format 0.0.4.</summary>
    public string Write()
    {
        lock (_collecting)
        {
            foreach (var family in _families.Values) family.Forget();
            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_families.Values);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
