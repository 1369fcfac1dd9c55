using OrleansFlow.Cli.Output;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Documents;

/// <summary>The description of a pool.</summary>
internal static class PoolDocument
{
    public static readonly Shape<PoolUsage> Shape = new Shape<PoolUsage>()
        .Text("pool", p => p.Pool.Name, "POOL")
        .Number("slots", p => p.Pool.Slots, "SLOTS")
        .Number("used", p => p.Used, "USED")
        .Number("waiting", p => p.Waiting, "WAITING")
        .Text("description", p => p.Pool.Description, "DESCRIPTION");
}
