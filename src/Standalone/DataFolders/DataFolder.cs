using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Standalone.DataFolders;

/// <summary>
/// Where an embedded host keeps what must last: the database, artifacts, attempts' working folders and logs. The folders
/// exist, belong to this user and are closed to everybody else; as root the user PostgreSQL runs as may pass through the
/// top folder to its own data, and sees nothing else. Immutable; safe to share.
/// </summary>
public sealed class DataFolder
{
    private DataFolder(string root) => Root = root;

    /// <summary>The folder itself: absolute, links resolved.</summary>
    public string Root { get; }

    /// <summary>PostgreSQL's data directory (PGDATA). Made complete, or not at all, by the first start.</summary>
    public string Postgres => Path.Combine(Root, "postgres");

    /// <summary>Committed outputs, checkpoints and xcom overflow.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>Working folders of attempts.</summary>
    public string Attempts => Path.Combine(Root, "attempts");

    /// <summary>Logs of the host, its tasks and PostgreSQL.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>PostgreSQL's log. One older file is kept beside it, named <c>postgresql.log.1</c>.</summary>
    public string PostgresLog => Path.Combine(Logs, "postgresql.log");

    /// <summary>The server's settings and access rules, written again at each start.</summary>
    internal string PostgresConfig => Path.Combine(Root, "postgres.conf.d");

    /// <summary>The beginning of the names under which initdb works until its result is whole; one name for each attempt.</summary>
    internal string PostgresUnfinished => Path.Combine(Root, "postgres.unfinished-");

    /// <summary>Locked shared by everybody who uses the server; its last user stops it.</summary>
    internal string PostgresUsers => Path.Combine(Root, "postgres.users");

    /// <summary>Present when a host went away and left the server to the remaining users.</summary>
    internal string PostgresLeft => Path.Combine(Root, "postgres.left");

    /// <summary>The token of the server that works on the folder; only this user may read it.</summary>
    public string ApiToken => Path.Combine(Root, "api.token");

    /// <summary>Where the server that works on the folder listens; there while one does.</summary>
    public string ApiAddress => Path.Combine(Root, "api.address");

    internal string LockFile => Path.Combine(Root, "host.lock");

    /// <summary>Opens a data folder, creating what is missing.</summary>
    /// <param name="path">
    /// The folder. Null takes the default: FLOW_DATA_DIR, else /var/lib/orleansflow for root, else
    /// $XDG_DATA_HOME/orleansflow, else ~/.local/share/orleansflow.
    /// </param>
    /// <exception cref="HostStartException">The folder cannot be made or is not this user's own.</exception>
    public static DataFolder Open(string? path = null)
    {
        if (OperatingSystem.IsWindows())
            throw new HostStartException(
                StartProblem.Unsupported, "The embedded host does not run on Windows itself.",
                "Use it inside WSL, or give a PostgreSQL connection string.");

        var wanted = Locate(path);
        try
        {
            // The user PostgreSQL runs as must be able to pass what root makes on the way.
            if (Posix.IsRoot && Path.GetDirectoryName(wanted) is { } parent) Directory.CreateDirectory(parent);
            Posix.CreateFolder(wanted, Posix.OwnerOnly);
            var folder = new DataFolder(Posix.RealPath(wanted));
            folder.RequireOwnership();
            foreach (var part in new[] { folder.Artifacts, folder.Attempts, folder.Logs })
            {
                Posix.CreateFolder(part, Posix.OwnerOnly);
                Posix.SetMode(part, Posix.OwnerOnly);
            }

            return folder;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The data folder {wanted} cannot be made or entered: permission denied.",
                "Choose a folder of your own with FLOW_DATA_DIR, or ask its owner for access.", e);
        }
        catch (IOException e)
        {
            throw new HostStartException(
                e.IsDiskFull() ? StartProblem.DiskFull : StartProblem.PermissionDenied,
                $"The data folder {wanted} cannot be prepared: {e.Message}",
                e.IsDiskFull() ? "Free some space there, or choose another folder with FLOW_DATA_DIR." : "Choose another folder with FLOW_DATA_DIR.", e);
        }
    }

    /// <summary>The same without making anything: for those who look for what is there. It may not exist.</summary>
    /// <exception cref="HostStartException">No variable says where the user's files belong.</exception>
    public static DataFolder OpenToLook(string? path)
    {
        var wanted = Locate(path);
        if (!Directory.Exists(wanted)) return new DataFolder(wanted);
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(wanted).GetEnumerator();
            _ = entries.MoveNext();
            return new DataFolder(Posix.RealPath(wanted));
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"{wanted} may not be looked into by this user.",
                "Use the account that its host runs as, name another folder with FLOW_DATA_DIR, or ask a server: --server.", refused);
        }
    }

    /// <summary>Whether no private database was ever made here, and nobody is just making one.</summary>
    internal bool IsEmpty => !Directory.Exists(Postgres) && (!File.Exists(LockFile) || Holder().Length == 0);

    /// <summary>Takes the folder for this process: one host at a time works on it. The kernel frees the lock if the process is killed.</summary>
    /// <exception cref="HostStartException"><see cref="StartProblem.Locked"/>: another host has it; the message names its process.</exception>
    public DataFolderLock Lock() => DataFolderLock.Take(this);

    /// <summary>The process that hosts the folder; null when none does. One that only looks does not count.</summary>
    public int? FindHolder() => Holder() is [var pid, _, not DataFolderLock.Passing, ..] && int.TryParse(pid, out var holder) ? holder : null;

    /// <summary>Whether the folder is held by somebody who only looks, and will give it back soon.</summary>
    internal bool IsHeldInPassing => Holder() is [_, _, DataFolderLock.Passing, ..];

    private string[] Holder()
    {
        using var free = FileLock.TryTake(LockFile, exclusive: false);
        return free is null ? Posix.ReadLockedFile(LockFile)?.Split('\n') ?? [] : [];
    }

    private static string Locate(string? path) =>
        Path.GetFullPath(path ?? DataFolderLocation.Choose(Environment.GetEnvironmentVariable, Posix.IsRoot));

    private void RequireOwnership()
    {
        var owner = Posix.OwnerOf(Root) ?? throw new IOException($"{Root} has vanished");
        if (owner.Uid != Posix.EffectiveUser)
            throw new HostStartException(
                StartProblem.ForeignOwner,
                $"The data folder {Root} belongs to {Accounts.NameOf(owner.Uid)}, and this process runs as {Accounts.NameOf(Posix.EffectiveUser)}.",
                $"Run as {Accounts.NameOf(owner.Uid)}, or choose a folder of your own with FLOW_DATA_DIR (a new sub-folder will do).");

        if ((owner.Mode & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The data folder {Root} can be written by other users, who could replace the database.",
                $"Run `chmod go-w {Root}`, or choose a folder of your own with FLOW_DATA_DIR (a new sub-folder will do).");
    }
}
