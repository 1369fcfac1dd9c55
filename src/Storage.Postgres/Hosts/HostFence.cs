using System.Data;
using Npgsql;
using NpgsqlTypes;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Connections;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>
/// Being in charge of a database as its embedded host. A session lock on a connection of its own tells others at once when this host
/// dies; the time until which it is registered tells them when it hangs; and every batch checks its row, so that whoever takes over
/// may forget about this host. Thread-safe.
/// </summary>
public sealed class HostFence : IAsyncDisposable
{
    internal const long LockKey = 0x4F46484F5354; // "OFHOST"
    private const string Engine = "embedded";
    private readonly PostgresConnections _connections;
    private readonly HostOptions _options;
    private readonly Renewal _renewal;
    private NpgsqlConnection _session;
    private bool _locked = true;

    private HostFence(
        PostgresConnections connections, HostOptions options, TimeProvider time, NpgsqlConnection session, Guid installation, long epoch)
    {
        _connections = connections;
        _options = options;
        _session = session;
        Installation = installation;
        Epoch = epoch;
        _renewal = new Renewal(options, time, RenewAsync);
    }

    /// <summary>The installation that the database belongs to.</summary>
    public Guid Installation { get; }

    /// <summary>The epoch of this host's registration; no two registrations ever have the same.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Cancelled when another host has taken over: stop. A database that is away for a while does not cancel it: the registration is
    /// taken up again when the database is back, unless somebody was faster.
    /// </summary>
    public CancellationToken Lost => _renewal.Lost;

    /// <summary>
    /// Takes charge: at once when nobody is registered, or when who is has died; when who is has hung for the length of its lease, its
    /// connections are ended first. With <see cref="HostOptions.StandBy"/> it waits until one of that is so.
    /// </summary>
    /// <param name="connections">This host's connections, to a migrated database.</param>
    /// <param name="options">Lease and renewal.</param>
    /// <param name="time">For the renewals; the lease itself is by PostgreSQL's clock.</param>
    /// <param name="cancellation">Stops trying.</param>
    /// <exception cref="AnotherHostException">Another host is alive and this one does not stand by, or another engine is in charge.</exception>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public static async Task<HostFence> AcquireAsync(
        PostgresConnections connections, HostOptions options, TimeProvider time, CancellationToken cancellation)
    {
        options.Validate();
        NpgsqlConnection? session = null;
        try
        {
            session = await connections.OpenDedicatedAsync(cancellation);
            var installation = await TakeChargeAsync(session, cancellation);
            await LockAsync(session, connections.HostId, options, time, cancellation);
            await RemoveOthersAsync(session, connections.HostId, cancellation);
            var epoch = await RegisterAsync(session, connections.HostId, options, cancellation);
            return new HostFence(connections, options, time, session, installation, epoch);
        }
        catch (Exception failure)
        {
            if (session is not null) await session.DisposeAsync();
            if (Failures.Translate(failure, committing: false) is { } known && !ReferenceEquals(known, failure)) throw known;
            throw;
        }
    }

    /// <summary>Leaves: the next host need not wait for anything. Never throws for a database that is away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_renewal.IsStopped) return;
        await _renewal.DisposeAsync();
        try
        {
            if (_session.State == ConnectionState.Open)
                await ExecuteAsync(_session, "LeaveHost", CancellationToken.None, _connections.HostId, Epoch);
        }
        catch (Exception failure) when (Failures.Translate(failure, committing: false) is not null)
        {
            // its connection is gone: the next host removes the row
        }

        await _session.DisposeAsync();
    }

    private async Task<bool> RenewAsync(CancellationToken stopping)
    {
        try
        {
            if (_session.State != ConnectionState.Open) await ReconnectAsync(stopping);
            _locked = _locked || await TryLockAsync(_session, stopping);
            return await ExecuteAsync(_session, "RenewHost", stopping, _connections.HostId, Epoch, _options.Lease) > 0;
        }
        catch (Exception failure) when (Failures.Translate(failure, committing: false) is { } known)
        {
            // the next one has a new connection
            await _session.CloseAsync();
            throw known;
        }
    }

    /// <summary>
    /// The lock went with the old session, and is taken again as soon as that is possible. Whoever was faster has removed our row or is
    /// about to: the renewal that follows decides.
    /// </summary>
    private async Task ReconnectAsync(CancellationToken stopping)
    {
        await _session.DisposeAsync();
        _locked = false;
        _session = await _connections.OpenDedicatedAsync(stopping);
    }

    private static async Task<Guid> TakeChargeAsync(NpgsqlConnection session, CancellationToken cancellation)
    {
        var taken = await ExecuteAsync(session, "TakeCharge", cancellation, Engine);
        var (id, engine) = await OneAsync(session, "ReadInstallation", r => (r.GetGuid(0), r.GetString(1)), cancellation);
        return taken > 0
            ? id
            : throw new AnotherHostException(
                $"The engine '{engine}' is in charge of this database, so the embedded host cannot start on it. " +
                "Use a client of that engine, or another database.");
    }

    private static async Task LockAsync(NpgsqlConnection session, string hostId, HostOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var doubtful = time.GetElapsedTime(began) < options.Doubt && Alive(await OthersAsync(session, hostId, cancellation)) is not null;
            if (!doubtful && await TryLockAsync(session, cancellation)) return;
            if (await FindHolderAsync(session, hostId, cancellation) is { } holder)
                await Task.Delay(options.StandBy ?? throw Refused(holder), time, cancellation);
        }
    }

    private static Task<bool> TryLockAsync(NpgsqlConnection session, CancellationToken cancellation) =>
        OneAsync(session, "TryLockEmbedded", r => r.GetBoolean(0), cancellation, LockKey);

    /// <summary>
    /// Somebody holds the lock: says who, or, when all who are registered let their lease run out, ends their connections, so that the lock is
    /// free, and says nothing.
    /// </summary>
    private static async Task<string?> FindHolderAsync(NpgsqlConnection session, string hostId, CancellationToken cancellation)
    {
        var hosts = await OthersAsync(session, hostId, cancellation);
        if (hosts.Count == 0) return "Another host";
        if (Alive(hosts) is { } alive) return alive;
        foreach (var (id, _, _) in hosts) await EndBackendsAsync(session, id, cancellation);
        return null;
    }

    private static string? Alive(List<(string Id, bool Alive, DateTimeOffset Since)> hosts) =>
        hosts.Where(host => host.Alive).Select(host => $"Another host ({host.Id}, since {host.Since:u})").FirstOrDefault();

    private static AnotherHostException Refused(string holder) =>
        new($"{holder} is in charge of this database. Stop it first, or use its commands.");

    /// <summary>We hold the lock, so the others are dead or cut off: end what is left of their connections, then fence them.</summary>
    private static async Task RemoveOthersAsync(NpgsqlConnection session, string hostId, CancellationToken cancellation)
    {
        foreach (var (id, _, _) in await OthersAsync(session, hostId, cancellation))
        {
            await EndBackendsAsync(session, id, cancellation);
            await ExecuteAsync(session, "RemoveHost", cancellation, id);
        }
    }

    private static Task<long> EndBackendsAsync(NpgsqlConnection session, string hostId, CancellationToken cancellation) =>
        OneAsync(session, "EndBackends", r => r.GetInt64(0), cancellation, hostId);

    private static async Task<long> RegisterAsync(
        NpgsqlConnection session, string hostId, HostOptions options, CancellationToken cancellation) =>
        await OneAsync(session, "RegisterHost", r => r.GetInt64(0), cancellation, hostId, Engine, options.Lease);

    private static async Task<List<(string Id, bool Alive, DateTimeOffset Since)>> OthersAsync(
        NpgsqlConnection session, string hostId, CancellationToken cancellation)
    {
        await using var command = Command(session, "ReadOtherHosts", Engine, hostId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var hosts = new List<(string, bool, DateTimeOffset)>();
        while (await reader.ReadAsync(cancellation))
            hosts.Add((reader.GetString(0), reader.GetBoolean(1), reader.GetFieldValue<DateTimeOffset>(2)));
        return hosts;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection session, string name, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = Command(session, name, arguments);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<T> OneAsync<T>(
        NpgsqlConnection session, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = Command(session, name, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return read(reader);
    }

    private static NpgsqlCommand Command(NpgsqlConnection session, string name, params object[] arguments)
    {
        var command = new NpgsqlCommand(Sql.Of(name), session);
        foreach (var argument in arguments)
            command.Parameters.Add(argument is TimeSpan interval
                ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Interval, Value = interval }
                : new NpgsqlParameter { Value = argument });
        return command;
    }
}
