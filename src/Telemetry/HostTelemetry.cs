using System.Diagnostics.Metrics;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Telemetry.Exposition;
using OrleansFlow.Telemetry.Instruments;

namespace OrleansFlow.Telemetry;

/// <summary>Who a host is, for whoever compares several.</summary>
/// <param name="Service">What kind of program, such as <c>orleansflow</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Instance">The id of the host.</param>
public sealed record HostIdentity(string Service, string Version, string Instance);

/// <summary>The telemetry of a host: its meter, and where that goes. Thread-safe.</summary>
public sealed class HostTelemetry : IAsyncDisposable
{
    /// <summary>The meters of others that are shown with ours.</summary>
    private static readonly string[] s_meters = ["System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans"];
    private readonly HostIdentity _identity;
    private readonly MetricsBook? _book;
    private readonly PoolWatch _pools;

    /// <summary>Begins to measure.</summary>
    /// <param name="identity">Who the host is.</param>
    /// <param name="facts">What can be asked of it.</param>
    /// <param name="shown">Whether <see cref="Show"/> will be asked for what was measured.</param>
    /// <param name="time">Time.</param>
    public HostTelemetry(HostIdentity identity, HostFacts facts, bool shown, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _identity = identity;
        Meter = new FlowMeter(facts);
        if (shown) _book = new MetricsBook(IsShown);
        Meter.Tasks.Begin();
        Meter.Host.Begin();
        _pools = new PoolWatch(facts.Pools, Meter.Host.See, time);
    }

    /// <summary>The instruments.</summary>
    public FlowMeter Meter { get; }

    /// <summary>The type of what <see cref="Show"/> returns.</summary>
    public static string ContentType => PrometheusText.ContentType;

    /// <summary>Measures what an engine tells, and passes it on.</summary>
    /// <param name="inner">Who else hears it.</param>
    public IEngineObserver Around(IEngineObserver inner) => Meter.Around(inner);

    /// <summary>What has been measured, for Prometheus; empty when it was not to be shown.</summary>
    public string Show() => _book is null ? "" : _book.Write() + PrometheusText.Info(
        "target_info", "Who this host is.",
        [new("service_name", _identity.Service), new("service_version", _identity.Version), new("service_instance_id", _identity.Instance)]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pools.DisposeAsync();
        _book?.Dispose();
        Meter.Dispose();
    }

    // Of our own meter only this host's: there may be several in one process.
    private bool IsShown(Instrument instrument) =>
        instrument.Meter.Name == FlowMeter.Name ? instrument.Meter == Meter.Meter : s_meters.Contains(instrument.Meter.Name, StringComparer.Ordinal);
}
