using System.Runtime.ExceptionServices;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>
/// Being one of the hosts of a cluster: a row in <c>host</c> that every batch checks, so that the others may go on without this host as soon
/// as they hold it for dead, whatever it does meanwhile. That it is dead others learn from the membership of the cluster, not from
/// this row. Thread-safe.
/// </summary>
public sealed class ClusterSeat : IAsyncDisposable
{
    /// <summary>The engine's name, as it stands in <c>host.engine</c>.</summary>
    public const string Engine = "cluster";

    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);
    private readonly PostgresConnections _connections;
    private readonly TimeProvider _time;
    private readonly Renewal _renewal;

    private ClusterSeat(PostgresConnections connections, HostOptions options, TimeProvider time, Guid installation, long epoch)
    {
        (_connections, _time, Installation, Epoch) = (connections, time, installation, epoch);
        _renewal = new Renewal(
            options, time, async stopping => await connections.Reader.ExecuteAsync("RenewHost", stopping, connections.HostId, epoch, options.Lease) > 0);
    }

    /// <summary>The installation that the database belongs to.</summary>
    public Guid Installation { get; }

    /// <summary>The epoch of this host's registration; no two registrations ever have the same.</summary>
    public long Epoch { get; }

    /// <summary>Cancelled when another host of the cluster has put this one out: stop. A database that is away does not cancel it.</summary>
    public CancellationToken Lost => _renewal.Lost;

    /// <summary>Takes a seat.</summary>
    /// <param name="connections">This host's connections, to a migrated database.</param>
    /// <param name="options">Lease and renewal.</param>
    /// <param name="time">For the renewals.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="AnotherHostException">The embedded engine is in charge of the database.</exception>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public static async Task<ClusterSeat> TakeAsync(
        PostgresConnections connections, HostOptions options, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var taken = await connections.Reader.ExecuteAsync("TakeCharge", cancellation, Engine);
        var (installation, engine) = (await connections.Reader.ListAsync("ReadInstallation", r => (r.GetGuid(0), r.GetString(1)), cancellation)).Single();
        if (taken == 0)
            throw new AnotherHostException(
                $"The engine '{engine}' is in charge of this database, so no host of a cluster can start on it. Use `flow server`, or another database.");
        var epoch = (await connections.Reader.ListAsync(
            "RegisterHost", r => r.GetInt64(0), cancellation, connections.HostId, Engine, options.Lease)).Single();
        return new ClusterSeat(connections, options, time, installation, epoch);
    }

    /// <summary>
    /// Puts hosts out: ends their connections, then removes their rows, so that nothing of theirs is committed any more. Those are who is known to be
    /// dead, and who is no member and has let its lease run out; who has a seat and is no member yet may be about to join.
    /// </summary>
    /// <param name="members">The epochs of those who are members.</param>
    /// <param name="dead">The epochs of those who are held for dead. This host stays in any case.</param>
    /// <param name="cancellation">Gives up; may be called again.</param>
    /// <returns>The ids of those who were put out.</returns>
    /// <exception cref="StoreException">The database is away.</exception>
    public async Task<IReadOnlyList<string>> PutOutAsync(IReadOnlySet<long> members, IReadOnlySet<long> dead, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(dead);
        var (gone, failures) = (new List<string>(), new List<Exception>());
        foreach (var host in await HostRegistry.ListAsync(_connections, cancellation))
        {
            if (host.Engine != Engine || host.Epoch == 0 || host.Epoch == Epoch) continue;
            if (!dead.Contains(host.Epoch) && (members.Contains(host.Epoch) || host.IsInCharge)) continue;
            try
            {
                await _connections.Reader.ListAsync("EndBackends", r => r.GetInt64(0), cancellation, host.Id);
                await _connections.Reader.ExecuteAsync("LeaveHost", cancellation, host.Id, host.Epoch);
                gone.Add(host.Id);
            }
            catch (StoreException e)
            {
                failures.Add(e);
            }
        }

        // the others are out all the same
        if (failures.Count > 0) ExceptionDispatchInfo.Throw(failures[0]);

        return gone;
    }

    /// <summary>The epochs of all seats of the cluster, this host's among them.</summary>
    /// <exception cref="StoreException">The database is away.</exception>
    public async Task<IReadOnlySet<long>> ListAsync(CancellationToken cancellation) =>
        (await _connections.Reader.ListAsync("ReadSeats", r => r.GetInt64(0), cancellation, Engine)).ToHashSet();

    /// <summary>Leaves. Never throws for a database that is away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_renewal.IsStopped) return;
        await _renewal.DisposeAsync();
        try
        {
            using var limit = new CancellationTokenSource(LastWord, _time);
            await _connections.Reader.ExecuteAsync("LeaveHost", limit.Token, _connections.HostId, Epoch);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // the others put it out
        }
    }
}
