using System.Globalization;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>How the server is configured: pure text and arguments.</summary>
internal static class PostgresSettings
{
    public const string SuperUser = "flow";

    public const string Database = "flow";

    /// <summary>
    /// The server's arguments. What must hold - no network, a private socket, durable commits - is given here, because
    /// arguments win over every file and over ALTER SYSTEM.
    /// </summary>
    public static IEnumerable<string> Arguments(DataFolder folder, string socketFolder, PostgresOptions options)
    {
        var durable = options.Durable ? "on" : "off";
        string[] settings =
        [
            $"config_file={Path.Combine(folder.PostgresConfig, "postgresql.conf")}",
            $"hba_file={Path.Combine(folder.PostgresConfig, "pg_hba.conf")}",
            $"ident_file={Path.Combine(folder.PostgresConfig, "pg_ident.conf")}",
            "listen_addresses=",
            $"port={SocketFolder.Port}",
            $"unix_socket_directories={socketFolder}",
            "unix_socket_permissions=0700",
            "logging_collector=off",
            "log_destination=stderr",
            $"fsync={durable}",
            $"synchronous_commit={durable}",
            $"full_page_writes={durable}",
        ];
        return ["-D", folder.Postgres, .. settings.SelectMany(setting => new[] { "-c", setting })];
    }

    /// <summary>postgresql.conf: sized for a laptop that has other things to do.</summary>
    public static string Configuration(PostgresOptions options) => string.Create(CultureInfo.InvariantCulture, $"""
        # Written by OrleansFlow at each start. To change a setting for good: ALTER SYSTEM SET name = value.
        cluster_name = 'orleansflow'
        max_connections = {options.MaxConnections}
        shared_buffers = 128MB
        max_wal_size = 1GB
        min_wal_size = 80MB
        wal_buffers = 16MB
        checkpoint_timeout = 5min

        # The scheduler's queries are short and many: no time for compiling them or for parallel workers.
        jit = off
        max_parallel_workers_per_gather = 0

        # A query of a host that was killed ends, too.
        client_connection_check_interval = 2s

        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        log_line_prefix = '%m [%p] %a '
        log_min_messages = warning
        log_checkpoints = off

        """);

    /// <summary>
    /// pg_hba.conf. The superuser is whoever the kernel says the peer is (see <see cref="IdentityMap"/>); further roles,
    /// made for a task's own database, show a password; nothing comes over a network.
    /// </summary>
    public static string AccessRules => $"""
        # Written by OrleansFlow at each start.
        local  all  {SuperUser}  peer map=owner
        local  all  all   scram-sha-256

        """;

    /// <summary>pg_ident.conf: the users of the machine who may be the superuser: the host's and the server's own.</summary>
    public static string IdentityMap(IEnumerable<string> machineUsers) =>
        "# Written by OrleansFlow at each start.\n"
        + string.Concat(machineUsers.Distinct().Select(user => $"owner  \"{user}\"  {SuperUser}\n"));

    /// <summary>Writes the three files, readable for the server's account and changed by the host's alone.</summary>
    public static void Write(DataFolder folder, ServerAccount account, PostgresOptions options)
    {
        var host = Accounts.Find(Posix.EffectiveUser)?.Name ?? account.User.Name;
        (string Name, string Text)[] files =
        [
            ("postgresql.conf", Configuration(options)),
            ("pg_hba.conf", AccessRules),
            ("pg_ident.conf", IdentityMap([host, account.User.Name])),
        ];
        Posix.CreateFolder(folder.PostgresConfig, Posix.OwnerOnly);
        account.Share(folder.PostgresConfig, Posix.OwnerOnly, UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        foreach (var (name, text) in files)
        {
            var path = Path.Combine(folder.PostgresConfig, name);
            // An unchanged file is left alone: a restart on a full disk must not empty it.
            if (!File.Exists(path) || File.ReadAllText(path) != text) File.WriteAllText(path, text);
            account.Share(path, UnixFileMode.UserRead | UnixFileMode.UserWrite, UnixFileMode.GroupRead);
        }
    }
}
