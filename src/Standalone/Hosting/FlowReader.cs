using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// Rows and logs for those who only look: uses the PostgreSQL of a running host, or starts the private one for as long as it is open.
/// Nothing is scheduled because of it. Thread-safe.
/// </summary>
public sealed class FlowReader : IAsyncDisposable
{
    private readonly Database _database;
    private readonly PostgresConnections _connections;
    private readonly DataFolder _folder;
    private readonly bool _isShared;
    private string? _lastHost;

    private FlowReader(DataFolder folder, Database database, bool isShared, PostgresConnections connections, TimeProvider time)
    {
        _isShared = isShared;
        _folder = folder;
        _database = database;
        _connections = connections;
        Queries = new PostgresQueries(connections);
        var logs = new LocalLogStore(folder.Logs, time);
        Logs = logs;
        Artifacts = new LocalFolderStore(folder.Artifacts, logs, time);
    }

    /// <summary>The read models.</summary>
    public IQueries Queries { get; }

    /// <summary>What tasks wrote.</summary>
    public ILogStore Logs { get; }

    /// <summary>What attempts published.</summary>
    public IArtifactReader Artifacts { get; }

    /// <summary>
    /// The data folder in which nothing was ever kept, so that there is nothing to read and <see cref="OpenAsync"/> would make it; null: open it.
    /// </summary>
    public static string? FindEmpty(FlowHostOptions options) =>
        options.ConnectionString is null && DataFolder.OpenToLook(options.DataFolder) is { IsEmpty: true } folder ? folder.Root : null;

    /// <summary>Opens.</summary>
    /// <exception cref="HostStartException">PostgreSQL cannot be had; the message says why and what to do.</exception>
    /// <exception cref="MigrationException">The database is not of this program's making, or newer.</exception>
    public static async Task<FlowReader> OpenAsync(FlowHostOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        var folder = options.ConnectionString is null ? DataFolder.Open(options.DataFolder) : DataFolder.OpenToLook(options.DataFolder);
        var database = await Database.ReadAsync(folder, options.ConnectionString, new ServerProgress(progress), cancellation);
        try
        {
            await new Migrator().MigrateAsync(database.ConnectionString, null, cancellation);
            var connections = new PostgresConnections(database.ConnectionString, $"flow-reader-{Environment.ProcessId}");
            return new FlowReader(folder, database, options.ConnectionString is not null, connections, TimeProvider.System);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The other process that hosts the engine, in words; null when none does. Of a PostgreSQL that was named its table of hosts is asked, since
    /// a host may use another data folder; while that PostgreSQL is away, the last answer stands.
    /// </summary>
    public async Task<string?> FindHostAsync(CancellationToken cancellation)
    {
        if (!_isShared) return _folder.FindHolder() is { } pid && pid != Environment.ProcessId ? $"process {pid}" : null;
        try
        {
            return _lastHost = await HostInCharge.FindAsync(_connections, cancellation) is { } host ? HostName.Describe(host.Id) : null;
        }
        catch (StoreException)
        {
            return _lastHost;
        }
    }

    /// <summary>The hosts of the database.</summary>
    /// <exception cref="StoreException">PostgreSQL is away.</exception>
    public Task<IReadOnlyList<RegisteredHost>> ListHostsAsync(CancellationToken cancellation) => HostRegistry.ListAsync(_connections, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _database.DisposeAsync();
    }

    private sealed class ServerProgress(IProgress<string>? progress) : IProgress<ServerNotice>
    {
        public void Report(ServerNotice value)
        {
            if (value.State == ServerState.Creating) progress?.Report(value.Message);
        }
    }
}
