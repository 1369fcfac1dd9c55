using System.Diagnostics.Metrics;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry.Instruments;

/// <summary>What a host can be asked about itself at any time. Its functions must be thread-safe, and return at once where they return no task.</summary>
public sealed record HostFacts
{
    /// <summary>How many coordinators of a kind of row are in memory here.</summary>
    public required Func<RowKind, int> Live { get; init; }

    /// <summary>How many steps wait to be committed here.</summary>
    public required Func<int> Queued { get; init; }

    /// <summary>How the pools of the installation are used. Asked now and then.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<PoolUsage>>> Pools { get; init; }

    /// <summary>Whether this host commits: it is in charge, or one of a cluster.</summary>
    public required Func<bool> InCharge { get; init; }
}

/// <summary>What a host measures of itself. Thread-safe.</summary>
public sealed class HostInstruments
{
    private readonly Counter<long> _takeovers;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _defects;
    private volatile IReadOnlyList<PoolUsage> _pools = [];
    private volatile bool _storeAway;

    internal HostInstruments(Meter meter, HostFacts facts)
    {
        _takeovers = meter.CreateCounter<long>("orleansflow.host.takeovers", "{takeover}", "Times that this host has taken charge.");
        _fenced = meter.CreateCounter<long>("orleansflow.host.fenced", "{fence}", "Times that this host found others going on without it.");
        _defects = meter.CreateCounter<long>("orleansflow.defects", "{defect}", "Things that went wrong inside and should not have; host.log tells them.");
        meter.CreateObservableGauge("orleansflow.host.in_charge", () => facts.InCharge() ? 1 : 0, "{host}", "1: this host commits; 0: it stands by.");
        meter.CreateObservableGauge("orleansflow.store.available", () => _storeAway ? 0 : 1, "{store}", "1: the database answers; 0: it is away, and everything waits.");
        meter.CreateObservableUpDownCounter(
            "orleansflow.commit.queue.length", () => facts.Queued(), "{step}", "Steps that wait to be committed.");
        meter.CreateObservableUpDownCounter(
            "orleansflow.coordinators.live",
            () => Enum.GetValues<RowKind>().Select(kind => new Measurement<int>(facts.Live(kind), new KeyValuePair<string, object?>("kind", Names.Of(kind)))),
            "{coordinator}", "Coordinators in memory: those of one process, or the grains of a silo.");
        ObservePools(meter, "orleansflow.pool.slots", "{slot}", "Slots of a pool.", pool => pool.Pool.Slots);
        ObservePools(meter, "orleansflow.pool.used", "{slot}", "Slots of a pool that are taken.", pool => pool.Used);
        ObservePools(meter, "orleansflow.pool.waiting", "{task}", "Task instances that wait for slots of a pool.", pool => pool.Waiting);
    }

    /// <summary>This host is in charge from now on.</summary>
    public void TookCharge() => _takeovers.Add(1);

    /// <summary>How the pools of the installation are used; every host tells the same.</summary>
    internal void See(IReadOnlyList<PoolUsage> pools) => _pools = pools;

    /// <summary>Begins to count at zero.</summary>
    internal void Begin()
    {
        _takeovers.Add(0);
        _fenced.Add(0);
        _defects.Add(0);
    }

    internal void Fenced() => _fenced.Add(1);

    internal void Defect() => _defects.Add(1);

    internal void SeeStore(bool away)
    {
        if (_storeAway != away) _storeAway = away;
    }

    private void ObservePools(Meter meter, string name, string unit, string description, Func<PoolUsage, int> value) => meter.CreateObservableUpDownCounter(
        name, () => _pools.Select(pool => new Measurement<int>(value(pool), new KeyValuePair<string, object?>("pool", pool.Pool.Name))), unit, description);
}
