using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// The use of a server that another process hosts (or left behind), for commands that only look. While it is open the
/// server is not stopped by its host's orderly end; dispose it soon.
/// </summary>
public sealed class PostgresReader : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly ServerUse _use;
    private readonly PostgresOptions _options;
    private int _disposed;

    private PostgresReader(DataFolder folder, ServerUse use, PostgresOptions options, PostmasterFile running)
    {
        _folder = folder;
        _use = use;
        _options = options;
        ConnectionString = Postmaster.ConnectionStringFor(running.SocketFolder, PostgresSettings.Database);
    }

    /// <summary>For Npgsql: the same as the host's.</summary>
    public string ConnectionString { get; }

    /// <summary>Finds the running server of a data folder, without the folder's lock.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Ends the wait for a server that is just starting or stopping.</param>
    /// <returns>Null when none runs: lock the folder and start one.</returns>
    /// <exception cref="HostStartException">The data belongs to another user.</exception>
    public static Task<PostgresReader?> TryFindRunningAsync(DataFolder folder, CancellationToken cancellationToken = default) =>
        TryFindRunningAsync(folder, new PostgresOptions(), cancellationToken);

    internal static async Task<PostgresReader?> TryFindRunningAsync(DataFolder folder, PostgresOptions options, CancellationToken cancellationToken)
    {
        var use = await ServerUse.JoinAsync(folder, options.Time, cancellationToken);
        try
        {
            while (PostmasterProcess.Find(folder.Postgres) is { } running)
            {
                if (running.Status == PostmasterFile.Ready) return new PostgresReader(folder, use, options, running);
                await Task.Delay(TimeSpan.FromMilliseconds(20), options.Time, cancellationToken);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            use.Dispose();
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The database in {folder.Postgres} belongs to another user.",
                "Run as its owner, or choose another FLOW_DATA_DIR.", e);
        }
        catch
        {
            use.Dispose();
            throw;
        }

        use.Dispose();
        return null;
    }

    /// <summary>Leaves the server; stops it when its host has ended before and nobody else uses it. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        using var last = _use.LeaveAsLast(_folder);
        if (last is null || !File.Exists(_folder.PostgresLeft)) return;
        File.Delete(_folder.PostgresLeft);
        await Postmaster.StopAsync(_folder.Postgres, _options.StopTimeout, _options.Time);
    }
}
