using OrleansFlow.Cli.Output;
using OrleansFlow.Scheduling.Hosting;

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
        .Number("liveDags", h => h.Live?.Dags, "DAGS")
        .Number("liveRuns", h => h.Live?.Runs, "RUNS")
        .Number("liveTasks", h => h.Live?.Tasks, "TASKS")
        .Number("livePools", h => h.Live?.Pools, "POOLS")
        .Text("engine", h => h.Engine, "ENGINE")
        .Text("version", h => h.Version, "VERSION")
        .Text("address", h => h.Address, "ADDRESS")
        .Text("notice", h => h.Notice)
        .Instant("noticeSince", h => h.NoticedAt)
        .Column("NOTICE", h => h.Notice is null ? null : h.NoticedAt is { } at ? $"{h.Notice}, {Words.Time(at)}" : h.Notice)
        .Number("epoch", h => h.Epoch)
        .Instant("leaseUntil", h => h.LeaseUntil);

    /// <summary>Since when it is in that state; null: its server is older and does not say.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How many coordinators it has in memory, by kind, in a cluster as grains; null: it has not said, or is silent.</summary>
    public LiveCoordinators? Live { get; init; }

    /// <summary>What told it to leave; null: nothing has.</summary>
    public string? Notice { get; init; }

    /// <summary>When it was told.</summary>
    public DateTimeOffset? NoticedAt { get; init; }

    /// <summary>The number of its registration; null: it has none.</summary>
    public long? Epoch { get; init; }

    /// <summary>Until when its lease, or while it stands by its word, holds.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The version of its program; null: it has not said.</summary>
    public string? Version { get; init; }

    /// <summary>Where its API is; null: it has not said.</summary>
    public string? Address { get; init; }
}
