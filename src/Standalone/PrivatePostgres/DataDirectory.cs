using System.Globalization;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// PostgreSQL's data directory. It is made in a folder beside and renamed when whole, so that it is complete or absent; an
/// interrupted attempt is thrown away by the next one.
/// </summary>
internal static class DataDirectory
{
    /// <summary>The major version that made the data, or null when there is none yet.</summary>
    /// <exception cref="HostStartException">There is something else in its place.</exception>
    public static int? Version(DataFolder folder)
    {
        if (!Directory.Exists(folder.Postgres)) return null;
        var versionFile = Path.Combine(folder.Postgres, "PG_VERSION");
        var control = Path.Combine(folder.Postgres, "global", "pg_control");
        try
        {
            var version = File.Exists(versionFile)
                && int.TryParse(File.ReadAllText(versionFile), CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
            if (version is not null && File.Exists(control)) return version;
            // An initdb by hand that was interrupted, or an empty folder: no server has ever run on it (it would have left its options).
            if (!File.Exists(control) && !File.Exists(Path.Combine(folder.Postgres, "postmaster.opts"))) return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The data directory {folder.Postgres} cannot be read by this user.",
                $"Run as its owner, or choose another FLOW_DATA_DIR.", e);
        }

        throw new HostStartException(
            StartProblem.Damaged, $"{folder.Postgres} holds a database that lacks PG_VERSION or global/pg_control: it is damaged.",
            $"Restore it from a backup, or move it away to start afresh: `mv {folder.Postgres} {folder.Postgres}.damaged`.");
    }

    /// <summary>Makes the data directory: UTF-8, C locale, checksums, superuser "flow".</summary>
    /// <exception cref="HostStartException">initdb failed; what it had made is removed.</exception>
    public static async Task CreateAsync(DataFolder folder, PostgresInstallation installation, ServerAccount account, bool durable, CancellationToken cancellationToken)
    {
        RemoveUnfinished(folder);
        // A name of its own: the initdb of a host that was killed may still be writing to the last one.
        var work = folder.PostgresUnfinished + Guid.NewGuid().ToString("N")[..8];
        Posix.CreateFolder(work, Posix.OwnerOnly);
        account.Own(work);
        try
        {
            await RequireEntryAsync(work, account, cancellationToken);
            string[] command =
            [
                installation.InitDb, "-D", work, "-U", PostgresSettings.SuperUser, "--encoding=UTF8", "--locale=C",
                "--data-checksums", "--auth-local=peer", "--auth-host=reject",
                .. durable ? Array.Empty<string>() : ["--no-sync"],
            ];
            var (exitCode, output) = await Tool.RunAsync(account.Run(command), cancellationToken);
            if (exitCode != 0)
                throw ServerFailure.Explain("The database could not be made (initdb failed)", output, folder.Root, log: null);
            Remove(folder.Postgres);
            Directory.Move(work, folder.Postgres);
            Posix.FlushFolder(folder.Root);
        }
        catch
        {
            RemoveUnfinished(folder);
            throw;
        }
    }

    /// <summary>Says which folder is closed before initdb would say something less clear.</summary>
    private static async Task RequireEntryAsync(string path, ServerAccount account, CancellationToken cancellationToken)
    {
        if (!account.IsOther) return;
        var (exitCode, _) = await Tool.RunAsync(account.Run("/usr/bin/env", "test", "-w", path), cancellationToken);
        if (exitCode != 0)
            throw new HostStartException(
                StartProblem.PermissionDenied,
                $"PostgreSQL runs as '{account.User.Name}' (not as root), and that user cannot enter {Path.GetDirectoryName(path)}.",
                "Choose a folder that others may pass through with FLOW_DATA_DIR, such as /var/lib/orleansflow.");
    }

    private static void RemoveUnfinished(DataFolder folder)
    {
        foreach (var unfinished in Directory.EnumerateDirectories(folder.Root, Path.GetFileName(folder.PostgresUnfinished) + "*"))
        {
            try
            {
                Remove(unfinished);
            }
            catch (IOException)
            {
                // Something still writes there; it stays until the database is made another time.
            }
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
