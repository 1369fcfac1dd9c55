using System.Diagnostics;
using Npgsql;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// Brings the server of one data folder up, by adopting the one that runs or launching one, and down. Needs the folder's
/// lock; one caller at a time.
/// </summary>
internal sealed class Postmaster(
    DataFolder folder, PostgresInstallation installation, ServerAccount account, PostgresOptions options, Action<ServerState, string> report)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_passingProblem = TimeSpan.FromSeconds(30);

    public string SocketDirectory { get; } = SocketFolder.For(folder.Root, Posix.EffectiveUser);

    public PostgresLog Log { get; } = new(folder.PostgresLog, options.LogLimit);

    public string ConnectionString => ConnectionStringFor(SocketDirectory, PostgresSettings.Database);

    public static string ConnectionStringFor(string socketDirectory, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = socketDirectory,
        Port = SocketFolder.Port,
        Username = PostgresSettings.SuperUser,
        Database = database,
    }.ConnectionString;

    /// <summary>Adopts the running server, or launches one; returns when it has answered.</summary>
    /// <returns>The postmaster's process id.</returns>
    public async Task<int> EnsureRunningAsync(CancellationToken cancellationToken)
    {
        if (await AdoptAsync(cancellationToken) is { } adopted) return adopted;

        await DisownPidFileAsync(cancellationToken);
        SocketFolder.Prepare(SocketDirectory, account);
        File.Delete(SocketFolder.SocketIn(SocketDirectory) + ".lock");
        PostgresSettings.Write(folder, account, options);
        Log.Bound();
        var pid = await LaunchAsync(cancellationToken);
        await GreetAsync(cancellationToken);
        report(ServerState.Ready, $"PostgreSQL {installation.Major}.{installation.Minor} is up (process {pid})");
        return pid;
    }

    /// <summary>A fast shutdown: ends sessions, writes a checkpoint, and is waited for.</summary>
    /// <returns>False when it is still at it after the timeout; nothing is lost then, it ends by itself.</returns>
    public static async Task<bool> StopAsync(string dataDirectory, TimeSpan timeout, TimeProvider time)
    {
        if (PostmasterProcess.Find(dataDirectory) is not { } running) return true;
        Posix.Signal(running.Pid, Posix.SigInt);
        var begin = time.GetTimestamp();
        while (PostmasterProcess.IsAlive(running.Pid, dataDirectory))
        {
            if (time.GetElapsedTime(begin) > timeout) return false;
            await Task.Delay(s_poll, time, CancellationToken.None);
        }

        SocketFolder.Remove(running.SocketFolder);
        return true;
    }

    private async Task<int?> AdoptAsync(CancellationToken cancellationToken)
    {
        var begin = options.Time.GetTimestamp();
        var told = false;
        while (PostmasterProcess.Find(folder.Postgres) is { } running)
        {
            if (running.Status == PostmasterFile.Ready)
            {
                if (running.SocketFolder == SocketDirectory && await AnswersAsync(cancellationToken))
                {
                    report(ServerState.Ready, $"PostgreSQL was still running (process {running.Pid}): taken over");
                    return running.Pid;
                }

                report(ServerState.Stopping, $"PostgreSQL was still running (process {running.Pid}) and does not answer: restarting it");
                if (!await StopAsync(folder.Postgres, options.StopTimeout, options.Time))
                    throw new HostStartException(
                        StartProblem.ServerFailed,
                        $"A PostgreSQL of the data folder {folder.Root} (process {running.Pid}) neither answers nor ends.",
                        $"See its log, {Log.Path}; if it hangs, end it with `kill -QUIT {running.Pid}` (nothing committed is lost) and start again.");
                return null;
            }

            if (!told && options.Time.GetElapsedTime(begin) > s_patience)
            {
                told = true;
                report(ServerState.Starting, $"PostgreSQL (process {running.Pid}) is still {running.Status}: waiting for it");
            }

            await Task.Delay(s_poll, options.Time, cancellationToken);
        }

        return null;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GreetAsync(cancellationToken);
            return true;
        }
        catch (HostStartException)
        {
            return false;
        }
    }

    /// <summary>
    /// A pid file whose process is gone is PostgreSQL's business. One whose number a stranger has got since (likely in
    /// containers) would make it refuse; the number is replaced by one that cannot be, and the rest kept: by the shared memory it names,
    /// PostgreSQL finds out whether processes of the old server still live.
    /// </summary>
    private async Task DisownPidFileAsync(CancellationToken cancellationToken)
    {
        if (PostmasterFile.Read(folder.Postgres) is null) return;
        const string replace = "{ echo 2147483647; tail -n +2 \"$0\"; } >\"$0.new\" && mv \"$0.new\" \"$0\"";
        await Tool.RunAsync(account.Run("/bin/sh", "-c", replace, PostmasterFile.PathIn(folder.Postgres)), cancellationToken);
    }

    private async Task<int> LaunchAsync(CancellationToken cancellationToken)
    {
        var begin = options.Time.GetTimestamp();
        while (true)
        {
            var logged = Log.Length;
            using var process = Launch();
            if (await WaitUntilReadyAsync(process, cancellationToken) is { } pid) return pid;

            var output = Log.Since(logged);
            if (!ServerFailure.IsPassing(output) || options.Time.GetElapsedTime(begin) > s_passingProblem)
                throw ServerFailure.Explain("PostgreSQL could not start", output, folder.Root, Log.Path, IsDiskFull());
            report(ServerState.Starting, "Processes of the PostgreSQL that was killed are still at work: waiting for their end");
            await Task.Delay(options.FirstBackoff, options.Time, cancellationToken);
        }
    }

    private bool IsDiskFull() => DiskWatermark.ProbeOf(folder.Root)().Free < 64 * 1024;

    private Process Launch()
    {
        var server = account.Run([installation.Server, .. PostgresSettings.Arguments(folder, SocketDirectory, options)]);
        var info = Tool.Describe(["/bin/sh", "-c", "umask 077; exec >>\"$0\" 2>&1 </dev/null; exec \"$@\"", Log.Path, .. Tool.InOwnSession(server)]);
        return Process.Start(info)!;
    }

    private async Task<int?> WaitUntilReadyAsync(Process process, CancellationToken cancellationToken)
    {
        var begin = options.Time.GetTimestamp();
        var told = false;
        try
        {
            while (!process.HasExited)
            {
                if (PostmasterProcess.Find(folder.Postgres) is { Status: PostmasterFile.Ready } running) return running.Pid;
                if (!told && options.Time.GetElapsedTime(begin) > s_patience)
                {
                    told = true;
                    report(ServerState.Starting, "PostgreSQL is starting; after a crash it first recovers from its log, which can take a while");
                }

                await Task.Delay(s_poll, options.Time, cancellationToken);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            Posix.Signal(process.Id, Posix.SigInt);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Connects once, making our database if the first start did not get that far.</summary>
    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ExecuteAsync(PostgresSettings.Database, "SELECT 1", cancellationToken)) return;
            await ExecuteAsync("postgres", $"CREATE DATABASE {PostgresSettings.Database}", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            // An answer, too.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw new HostStartException(
                StartProblem.ServerFailed, $"PostgreSQL runs in {folder.Root} but does not let us in: {e.Message}",
                $"See its log, {Log.Path}.", e);
        }
    }

    /// <returns>False when there is no such database.</returns>
    private async Task<bool> ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(ConnectionStringFor(SocketDirectory, database)) { Pooling = false, Timeout = 5 };
        await using var connection = new NpgsqlConnection(target.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }

        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }
}
