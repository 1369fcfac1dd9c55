using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// The private PostgreSQL of a data folder, for the host that holds the folder's lock: reachable by a Unix socket that only
/// this user (and root) can open, restarted by itself when it dies, stopped with the host unless readers still use it. It
/// outlives a kill -9 of the host, and the next start takes it over. Thread-safe.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly Postmaster _postmaster;
    private readonly PostgresOptions _options;
    private readonly ServerUse _use;
    private readonly Action<ServerState, string> _report;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _supervision;
    private Task? _end;

    private PostgresServer(DataFolder folder, Postmaster postmaster, PostgresOptions options, ServerUse use, Action<ServerState, string> report, int pid)
    {
        _folder = folder;
        _postmaster = postmaster;
        _options = options;
        _use = use;
        _report = report;
        _supervision = new PostgresSupervisor(folder, postmaster, options, report).RunAsync(pid, _ending.Token);
    }

    /// <summary>For Npgsql: the superuser "flow" on the database "flow". Stays the same across restarts of the server.</summary>
    public string ConnectionString => _postmaster.ConnectionString;

    /// <summary>Starts or takes over the server of a locked data folder; returns once it answers.</summary>
    /// <param name="folder">The folder; keep it locked until this server is disposed.</param>
    /// <param name="progress">
    /// Told what happens, now and later (<see cref="ServerState.Lost"/> and <see cref="ServerState.Ready"/> as the server dies
    /// and comes back); called from any thread, one call at a time.
    /// </param>
    /// <param name="cancellationToken">Ends the start; what was launched is stopped again.</param>
    /// <exception cref="HostStartException">The server cannot be had; the message says why and what to do.</exception>
    public static Task<PostgresServer> StartAsync(
        DataFolderLock folder, IProgress<ServerNotice>? progress = null, CancellationToken cancellationToken = default) =>
        StartAsync(folder, progress, new PostgresOptions(), cancellationToken);

    internal static async Task<PostgresServer> StartAsync(
        DataFolderLock locked, IProgress<ServerNotice>? progress, PostgresOptions options, CancellationToken cancellationToken)
    {
        void Report(ServerState state, string message) => progress?.Report(new ServerNotice(state, message));

        var folder = locked.Folder;
        var use = await ServerUse.JoinAsync(folder, options.Time, cancellationToken);
        try
        {
            File.Delete(folder.PostgresLeft);
            var account = ServerAccount.For(folder);
            var version = DataDirectory.Version(folder);
            var installation = PostgresInstallation.Choose(
                options.Installations ?? PostgresInstallation.FindAll(), version, folder.Postgres);
            LetThrough(folder, account);
            if (version is null)
            {
                Report(ServerState.Creating, $"Making the database in {folder.Postgres} with PostgreSQL {installation.Major}.{installation.Minor}");
                await DataDirectory.CreateAsync(folder, installation, account, options.Durable, cancellationToken);
            }

            var postmaster = new Postmaster(folder, installation, account, options, Report);
            var pid = await postmaster.EnsureRunningAsync(cancellationToken);
            return new PostgresServer(folder, postmaster, options, use, Report, pid);
        }
        catch (Exception e)
        {
            use.Dispose();
            if (e is IOException io)
                throw new HostStartException(
                    io.IsDiskFull() ? StartProblem.DiskFull : StartProblem.PermissionDenied,
                    $"PostgreSQL could not be prepared in {folder.Root}: {io.Message}",
                    "Free some space there and look at its permissions, or choose another folder with FLOW_DATA_DIR.", e);
            throw;
        }
    }

    /// <summary>
    /// Stops the server by a fast shutdown and waits for its end; leaves it running while readers use it (the last of them
    /// stops it). Idempotent: every call waits for the same end.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_ending) return new ValueTask(_end ??= EndAsync(leaveRunning: false));
    }

    /// <summary>Goes away as a killed host does: the server keeps running, nobody looks after it.</summary>
    internal Task AbandonAsync()
    {
        lock (_ending) return _end ??= EndAsync(leaveRunning: true);
    }

    private async Task EndAsync(bool leaveRunning)
    {
        await _ending.CancelAsync();
        await _supervision;
        if (leaveRunning)
        {
            _use.Dispose();
            return;
        }

        // Written first: a reader that leaves between our leaving and our look must know that stopping is up to it.
        await File.WriteAllTextAsync(_folder.PostgresLeft, "");
        using var last = _use.LeaveAsLast(_folder);
        if (last is null)
        {
            _report(ServerState.Stopped, "PostgreSQL is still used by another flow command, which will stop it");
            return;
        }

        _report(ServerState.Stopping, "Stopping PostgreSQL");
        File.Delete(_folder.PostgresLeft);
        var stopped = await Postmaster.StopAsync(_folder.Postgres, _options.StopTimeout, _options.Time);
        _report(
            ServerState.Stopped,
            stopped ? "PostgreSQL has stopped" : $"PostgreSQL is still writing its last checkpoint and will end by itself; see {_postmaster.Log.Path}");
    }

    /// <summary>As root: the server's account may pass through the data folder to its own data.</summary>
    private static void LetThrough(DataFolder folder, ServerAccount account)
    {
        if (account.IsOther)
            account.Share(folder.Root, Posix.OwnerOnly, UnixFileMode.GroupExecute);
    }
}
