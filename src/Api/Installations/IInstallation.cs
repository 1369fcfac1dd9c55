using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Api.Installations;

/// <summary>What a server knows of itself and of the installation it belongs to. Thread-safe.</summary>
public interface IInstallation
{
    /// <summary>The installation's identity: the same for as long as its database.</summary>
    Guid Id { get; }

    /// <summary>The version of the database schema.</summary>
    int SchemaVersion { get; }

    /// <summary>The execution backends, such as <c>local</c>.</summary>
    IReadOnlyList<string> Backends { get; }

    /// <summary>How this host is, part by part. Answers also while the database is away.</summary>
    Task<IReadOnlyList<PartHealth>> LookAsync(CancellationToken cancellation);

    /// <summary>The hosts that have registered, those in charge first, then by id.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    Task<IReadOnlyList<HostRow>> ListHostsAsync(CancellationToken cancellation);
}

/// <summary>How something is.</summary>
public enum PartState
{
    /// <summary>It works.</summary>
    Serving = 1,

    /// <summary>It works with restrictions, or is coming back by itself.</summary>
    Degraded = 2,

    /// <summary>It does not work.</summary>
    NotServing = 3,
}

/// <summary>How a part of a host is.</summary>
/// <param name="Part">Which: <c>store</c>, <c>engine</c>, <c>disk</c>.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What is wrong and what to do; empty when nothing is.</param>
/// <param name="Since">Since when it is so.</param>
public sealed record PartHealth(string Part, PartState State, string Detail, DateTimeOffset Since);

/// <summary>What a host does.</summary>
public enum HostState
{
    /// <summary>It waits for its turn, and serves the API.</summary>
    Standby = 1,

    /// <summary>It is in charge.</summary>
    Active = 2,

    /// <summary>It hands over and ends.</summary>
    Leaving = 3,

    /// <summary>Its lease has run out: it has died, hangs, or cannot reach the database.</summary>
    Silent = 4,
}

/// <summary>A host that has registered, or stands by.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Engine">Which engine it hosts: <c>embedded</c> or <c>cluster</c>.</param>
/// <param name="Epoch">The number of its registration; 0 while it stands by.</param>
/// <param name="RegisteredAt">When it registered, or else when it started.</param>
/// <param name="Until">Until when its lease, or its word, holds.</param>
/// <param name="InCharge">Whether it has a lease that holds.</param>
/// <param name="State">What it does.</param>
/// <param name="Since">Since when.</param>
public sealed record HostRow(
    string Id, string Engine, long Epoch, DateTimeOffset RegisteredAt, DateTimeOffset Until, bool InCharge, HostState State, DateTimeOffset Since)
{
    /// <summary>Where other hosts reach it; null: it has not said.</summary>
    public string? Address { get; init; }

    /// <summary>The version of its program; null: it has not said.</summary>
    public string? Version { get; init; }

    /// <summary>What it has in memory; null: it has not said, or is silent.</summary>
    public LiveCoordinators? Live { get; init; }

    /// <summary>What told it to leave; null: nothing has.</summary>
    public string? Notice { get; init; }

    /// <summary>When it was told to leave.</summary>
    public DateTimeOffset? NoticedAt { get; init; }
}
