using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Storage.Postgres.Connections;
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

    private FlowReader(DataFolder folder, Database database, PostgresConnections connections, TimeProvider time)
    {
        _folder = folder;
        _database = database;
        _connections = connections;
        Queries = new PostgresQueries(connections);
        Logs = new LocalLogStore(folder.Logs, time);
    }

    /// <summary>The read models.</summary>
    public IQueries Queries { get; }

    /// <summary>What tasks wrote.</summary>
    public ILogStore Logs { get; }

    /// <summary>Opens.</summary>
    /// <exception cref="HostStartException">PostgreSQL cannot be had; the message says why and what to do.</exception>
    /// <exception cref="MigrationException">The database is not of this program's making, or newer.</exception>
    public static async Task<FlowReader> OpenAsync(FlowHostOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        var folder = DataFolder.Open(options.DataFolder);
        var database = await Database.ReadAsync(folder, options.ConnectionString, new ServerProgress(progress), cancellation);
        try
        {
            await new Migrator().MigrateAsync(database.ConnectionString, null, cancellation);
            var connections = new PostgresConnections(database.ConnectionString, $"flow-reader-{Environment.ProcessId}");
            return new FlowReader(folder, database, connections, TimeProvider.System);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The process that hosts the engine of the data folder; null when none does.</summary>
    public int? FindHost() => _folder.FindHolder() is { } pid && pid != Environment.ProcessId ? pid : null;

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
