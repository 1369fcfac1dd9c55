using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>A host that has registered with the database, or is up and waits for its turn.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Engine">Which engine it hosts.</param>
/// <param name="Epoch">The number of its registration; 0: it has none.</param>
/// <param name="RegisteredAt">When it registered, or else when it started.</param>
/// <param name="Until">Until when its lease holds, or else until when its word is good.</param>
/// <param name="IsInCharge">Whether it has a lease that holds.</param>
/// <param name="State">What it does.</param>
/// <param name="Since">Since when.</param>
/// <param name="Address">Where others reach it; null: it has not said.</param>
/// <param name="Version">The version of its program; null: it has not said.</param>
public sealed record RegisteredHost(
    string Id,
    string Engine,
    long Epoch,
    DateTimeOffset RegisteredAt,
    DateTimeOffset Until,
    bool IsInCharge,
    HostState State,
    DateTimeOffset Since,
    string? Address,
    string? Version)
{
    /// <summary>What it has in memory; null: it has not said, or is silent.</summary>
    public LiveCoordinators? Live { get; init; }

    /// <summary>What told it to leave; null: nothing has.</summary>
    public string? Notice { get; init; }

    /// <summary>When it was told to leave.</summary>
    public DateTimeOffset? NoticedAt { get; init; }
}

/// <summary>The hosts of a database.</summary>
public static class HostRegistry
{
    /// <summary>All that have registered or are up, and those that were up lately (<see cref="ReplicaTable.Memory"/>), by id.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public static Task<IReadOnlyList<RegisteredHost>> ListAsync(PostgresConnections connections, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        return connections.Reader.ListAsync(
            "ListHosts",
            r => new RegisteredHost(
                r.GetString(0), r.GetString(1), r.GetInt64(2), r.Instant(3), r.Instant(4), r.GetBoolean(5), HostStates.Of(r.GetString(6)), r.Instant(7),
                r.Text(8), r.Text(9))
            {
                Live = r.IsDBNull(10) ? null : new LiveCoordinators(r.GetInt32(10), r.GetInt32(11), r.GetInt32(12), r.GetInt32(13)),
                Notice = r.Text(14),
                NoticedAt = r.IsDBNull(15) ? null : r.Instant(15),
            },
            cancellation);
    }
}
