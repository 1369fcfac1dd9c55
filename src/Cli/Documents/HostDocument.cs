using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Documents;

/// <summary>A host of the installation, as people see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Engine">Which engine it hosts: <c>embedded</c> or <c>cluster</c>.</param>
/// <param name="State"><c>active</c>, <c>standby</c>, <c>leaving</c> or <c>silent</c>.</param>
/// <param name="InCharge">Whether it has a lease that holds: it may commit.</param>
internal sealed record HostDocument(string Id, string Engine, string State, bool InCharge)
{
    public static readonly Shape<HostDocument> Shape = new Shape<HostDocument>()
        .Text("host", h => h.Id, "HOST")
        .Text("state", h => h.State, "STATE")
        .Flag("inCharge", h => h.InCharge, "IN CHARGE")
        .Instant("since", h => h.Since, "SINCE")
        .Text("engine", h => h.Engine, "ENGINE")
        .Text("version", h => h.Version, "VERSION")
        .Text("address", h => h.Address, "ADDRESS")
        .Number("epoch", h => h.Epoch)
        .Instant("leaseUntil", h => h.LeaseUntil);

    /// <summary>Since when it is in that state; null: its server is older and does not say.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The number of its registration; null: it has none.</summary>
    public long? Epoch { get; init; }

    /// <summary>Until when its lease, or while it stands by its word, holds.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The version of its program; null: it has not said.</summary>
    public string? Version { get; init; }

    /// <summary>Where its API is; null: it has not said.</summary>
    public string? Address { get; init; }
}
