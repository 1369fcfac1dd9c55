using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>A host that has registered with the database.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Engine">Which engine it hosts.</param>
/// <param name="Epoch">The number of its registration.</param>
/// <param name="RegisteredAt">When it registered.</param>
/// <param name="Until">Until when its lease holds.</param>
/// <param name="IsValid">Whether it still holds.</param>
public sealed record RegisteredHost(string Id, string Engine, long Epoch, DateTimeOffset RegisteredAt, DateTimeOffset Until, bool IsValid);

/// <summary>The hosts of a database.</summary>
public static class HostRegistry
{
    /// <summary>All that have registered, by id.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public static Task<IReadOnlyList<RegisteredHost>> ListAsync(PostgresConnections connections, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        return connections.Reader.ListAsync(
            "ListHosts",
            r => new RegisteredHost(r.GetString(0), r.GetString(1), r.GetInt64(2), r.Instant(3), r.Instant(4), r.GetBoolean(5)),
            cancellation);
    }
}
