using System.Diagnostics.Metrics;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Telemetry.Exposition;
using OrleansFlow.Telemetry.Instruments;
using OrleansFlow.Telemetry.Otlp;
using OrleansFlow.Telemetry.Tracing;

namespace OrleansFlow.Telemetry;

/// <summary>Who a host is, for whoever compares several.</summary>
/// <param name="Service">What kind of program, such as <c>orleansflow</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Instance">The id of the host.</param>
/// <param name="Installation">The installation that its database belongs to.</param>
public sealed record HostIdentity(string Service, string Version, string Instance, Guid Installation);

/// <summary>The telemetry of a host: its meter, the traces of runs, and where both go. Thread-safe.</summary>
public sealed class HostTelemetry : IAsyncDisposable
{
    /// <summary>The meters of others that are shown with ours.</summary>
    private static readonly string[] s_meters = ["System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans"];
    private readonly HostIdentity _identity;
    private readonly MetricsBook? _book;
    private readonly RunTraces? _traces;
    private readonly OtlpExport? _export;
    private readonly PoolWatch _pools;

    /// <summary>Begins to measure.</summary>
    /// <param name="identity">Who the host is.</param>
    /// <param name="facts">What can be asked of it.</param>
    /// <param name="shown">Whether <see cref="Show"/> will be asked for what was measured.</param>
    /// <param name="otlp">Where it is sent beside that.</param>
    /// <param name="time">Time.</param>
    public HostTelemetry(HostIdentity identity, HostFacts facts, bool shown, OtlpVariables otlp, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(otlp);
        ArgumentNullException.ThrowIfNull(facts);
        _identity = identity;
        Meter = new FlowMeter(facts);
        if (shown) _book = new MetricsBook(IsShown);
        if (otlp.Traces || otlp.Metrics) _export = new OtlpExport(otlp, identity, [FlowMeter.Name, .. s_meters]);
        if (otlp.Traces) _traces = new RunTraces(identity.Installation, otlp.Sampler, time);
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
    public IEngineObserver Around(IEngineObserver inner) => new MeteredObserver(inner, Meter, _traces);

    /// <summary>Whether traces go anywhere.</summary>
    public bool IsTracing => _traces is not null;

    /// <summary>Peers whose commands are spans of the caller's trace, linked with that of the run.</summary>
    /// <param name="peers">The peers.</param>
    public IPeers Around(IPeers peers) => _traces is null ? peers : new TracedPeers(peers, _traces);

    /// <summary>What an attempt is given as <c>TRACEPARENT</c>; null: nothing, as traces go nowhere.</summary>
    public string? Traceparent(AttemptKey attempt) => _traces?.Traceparent(attempt);

    /// <summary>What has been measured, for Prometheus; empty when it was not to be shown.</summary>
    public string Show() => _book is null ? "" : _book.Write() + PrometheusText.Info(
        "target_info", "Who this host is.",
        [new("service_name", _identity.Service), new("service_version", _identity.Version), new("service_instance_id", _identity.Instance)]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pools.DisposeAsync();
        _export?.Dispose();
        _traces?.Dispose();
        _book?.Dispose();
        Meter.Dispose();
    }

    // Of our own meter only this host's: there may be several in one process.
    private bool IsShown(Instrument instrument) =>
        instrument.Meter.Name == FlowMeter.Name ? instrument.Meter == Meter.Meter : s_meters.Contains(instrument.Meter.Name, StringComparer.Ordinal);
}
