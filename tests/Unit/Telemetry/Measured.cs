using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;

namespace OrleansFlow.Tests.Unit.Telemetry;

/// <summary>A meter of a host that does nothing.</summary>
internal static class Measured
{
    public static FlowMeter NewMeter() => new(Facts);

    public static HostFacts Facts { get; } = new()
    {
        Live = _ => 0,
        Queued = () => 0,
        InCharge = () => true,
        Pools = _ => Task.FromResult<IReadOnlyList<PoolUsage>>([]),
    };
}
