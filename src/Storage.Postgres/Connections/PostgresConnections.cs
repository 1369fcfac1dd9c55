using Npgsql;

namespace OrleansFlow.Storage.Postgres.Connections;

/// <summary>
/// The connections of one host: a pool for reading, one connection for batches, and single ones outside of every pool for the fence and, where
/// hosts share the database, for their notices. All of them carry the host's id as application_name, so that whoever takes over can end them. Thread-safe.
/// </summary>
public sealed class PostgresConnections : IAsyncDisposable
{
    // The writer joins arrays of a few hundred keys with tables by primary key, always. Without statistics (a young table) the
    // planner would cache a plan that scans the table instead, or an index that merely has the key among its columns, so the other ways
    // are made unattractive. A host that hangs within a transaction must not hold its locks for ever.
    private const string WriterOptions =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_indexonlyscan=off -c enable_hashjoin=off -c enable_mergejoin=off " +
        "-c jit=off -c lock_timeout=15s -c idle_in_transaction_session_timeout=60s";

    // What readers ask differs too much for that. A plan that was cached while a table was small is worse than planning each time,
    // which costs less than a tenth of a millisecond, knows how large the table is, and leaves out the filters that are not given.
    private const string ReaderOptions = "-c plan_cache_mode=force_custom_plan -c jit=off";

    private readonly string _connectionString;

    /// <summary>Describes the connections; opens none yet.</summary>
    /// <param name="connectionString">An Npgsql connection string; what it says about pooling, time-outs and preparation is kept.</param>
    /// <param name="hostId">The host's id, at most 63 bytes: PostgreSQL cuts what is longer.</param>
    /// <exception cref="ArgumentException">The connection string or the host's id cannot be used.</exception>
    public PostgresConnections(string connectionString, string hostId)
    {
        if (hostId.Length is 0 or > 63 || !hostId.All(c => c is > ' ' and <= '~'))
            throw new ArgumentException($"'{hostId}' cannot name a host: 1 to 63 printable ASCII characters are needed", nameof(hostId));
        HostId = hostId;
        _connectionString = connectionString;
        Reader = NpgsqlDataSource.Create(Describe(
            given =>
            {
                if (!Given(given, "Maximum Pool Size")) given.MaxPoolSize = 8;
            },
            ReaderOptions));
        Writer = NpgsqlDataSource.Create(Describe(given => given.MaxPoolSize = 2, WriterOptions));
    }

    /// <summary>The host's id: the application_name of every connection.</summary>
    public string HostId { get; }

    /// <summary>For reading; at most 8 connections unless the connection string says otherwise.</summary>
    public NpgsqlDataSource Reader { get; }

    /// <summary>For batches.</summary>
    internal NpgsqlDataSource Writer { get; }

    /// <summary>Opens a connection of its own, outside of the pools: for session locks, and for notices.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="options">What is to be set for its session, as on PostgreSQL's command line.</param>
    internal async Task<NpgsqlConnection> OpenDedicatedAsync(CancellationToken cancellation, string options = "")
    {
        var connection = new NpgsqlConnection(Describe(given => given.Pooling = false, options));
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Reader.DisposeAsync();
    }

    private string Describe(Action<NpgsqlConnectionStringBuilder> change, string options)
    {
        var given = new NpgsqlConnectionStringBuilder(_connectionString) { ApplicationName = HostId };
        if (!Given(given, "Timeout")) given.Timeout = 10;
        if (!Given(given, "Command Timeout")) given.CommandTimeout = 30;
        if (!Given(given, "Keepalive")) given.KeepAlive = 10;
        if (!Given(given, "Max Auto Prepare")) given.MaxAutoPrepare = 100;
        given.AutoPrepareMinUsages = 2;
        given.NoResetOnClose = true;
        given.Options = $"{given.Options} {options}".Trim();
        change(given);
        return given.ConnectionString;
    }

    private static bool Given(NpgsqlConnectionStringBuilder builder, string key) => builder.ShouldSerialize(key);
}
