using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>The live host of a database, for those who only look.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Since">When it took charge.</param>
public sealed record HostInCharge(string Id, DateTimeOffset Since)
{
    /// <summary>Who is in charge: registered, not hung for the length of its lease, and still connected. Null: nobody.</summary>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public static Task<HostInCharge?> FindAsync(PostgresConnections connections, CancellationToken cancellation) =>
        connections.Reader.FindAsync(
            "ReadHostInCharge", r => new HostInCharge(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1)), cancellation, HostFence.LockKey);
}
