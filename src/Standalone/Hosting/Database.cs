using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>The PostgreSQL of a host or reader: one that was named, the private one of a running host, or a private one of our own.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly IAsyncDisposable? _server;
    private readonly DataFolderLock? _lock;

    private Database(string connectionString, IAsyncDisposable? server, DataFolderLock? @lock)
    {
        ConnectionString = connectionString;
        _server = server;
        _lock = @lock;
    }

    /// <summary>For Npgsql.</summary>
    public string ConnectionString { get; }

    /// <summary>For a host: locks the data folder, and starts its private PostgreSQL unless another one was named.</summary>
    /// <exception cref="HostStartException">The folder or PostgreSQL cannot be had.</exception>
    public static async Task<Database> HostAsync(
        DataFolder folder, string? connectionString, IProgress<ServerNotice> progress, CancellationToken cancellation)
    {
        var held = DataFolderLock.TryTake(folder);
        for (var waited = TimeSpan.Zero; held is null && folder.IsHeldInPassing && waited < Patience; waited += Pause)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellation);
            held = DataFolderLock.TryTake(folder);
        }

        // Who held it in passing may have left between two looks.
        held ??= DataFolderLock.TryTake(folder) ?? throw DataFolderLock.Refusal(folder);
        return connectionString is null ? await StartAsync(held, progress, cancellation) : new Database(connectionString, null, held);
    }

    /// <summary>For a reader: the server that runs, or one of our own for as long as we read.</summary>
    /// <exception cref="HostStartException">PostgreSQL cannot be had.</exception>
    public static async Task<Database> ReadAsync(
        DataFolder folder, string? connectionString, IProgress<ServerNotice> progress, CancellationToken cancellation)
    {
        if (connectionString is not null) return new Database(connectionString, null, null);
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            if (await PostgresReader.TryFindRunningAsync(folder, cancellation) is { } running)
                return new Database(running.ConnectionString, running, null);
            if (DataFolderLock.TryTake(folder, passing: true) is { } held) return await StartAsync(held, progress, cancellation);
            // Somebody has the folder and no server yet: it is just starting one, or stopping it.
            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }

        throw DataFolderLock.Refusal(folder);
    }

    private static async Task<Database> StartAsync(DataFolderLock held, IProgress<ServerNotice> progress, CancellationToken cancellation)
    {
        try
        {
            var server = await PostgresServer.StartAsync(held, progress, cancellation);
            return new Database(server.ConnectionString, server, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _lock?.Dispose();
    }
}
