using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>
/// What the hosts of a database that are up say of themselves: for people (<see cref="HostRegistry"/> lists them), and for finding the one in
/// charge. Nothing is decided by it: that is what <see cref="HostFence"/> is for. Thread-safe.
/// </summary>
/// <param name="connections">Of the host that speaks.</param>
/// <param name="engine">Which engine it hosts: <c>embedded</c> or <c>cluster</c>.</param>
/// <param name="address">Where others reach it.</param>
/// <param name="version">The version of its program.</param>
public sealed class ReplicaTable(PostgresConnections connections, string engine, string address, string version)
{
    /// <summary>How long a word is good for. Say it again after a third of that. 10 s.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>How long hosts that are silent are remembered, for those who look for them. 10 minutes.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>Says what this host does.</summary>
    /// <param name="word">That.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public async Task SayAsync(HostWord word, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(word);
        var live = word.Live;
        await connections.Reader.ExecuteAsync(
            "PutReplica", cancellation, connections.HostId, engine, word.State.Name(), address, version, Lease,
            live?.Dags, live?.Runs, live?.Tasks, live?.Pools, word.Notice);
        await connections.Reader.ExecuteAsync("ForgetReplicas", cancellation, Memory);
    }

    /// <summary>This host is no more.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public Task LeaveAsync(CancellationToken cancellation) => connections.Reader.ExecuteAsync("RemoveReplica", cancellation, connections.HostId);

    /// <summary>Where the host in charge is reached; null when there is none, or it has not said so yet.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public static Task<string?> FindActiveAsync(PostgresConnections connections, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        return connections.Reader.FindAsync("ReadActiveAddress", r => r.GetString(0), cancellation);
    }

    /// <summary>The installation that the database belongs to, and what its hosts prove to each other that they are.</summary>
    /// <exception cref="Scheduling.Storage.StoreException">The database is away.</exception>
    public static async Task<(Guid Installation, string Secret)> ReadIdentityAsync(PostgresConnections connections, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        return (await connections.Reader.ListAsync("ReadIdentity", r => (r.GetGuid(0), r.GetString(1)), cancellation)).Single();
    }
}
