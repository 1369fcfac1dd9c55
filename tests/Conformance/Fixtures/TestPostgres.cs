using System.Globalization;
using Npgsql;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.Fixtures;

/// <summary>
/// One PostgreSQL for all tests of this process, started by the first that asks, and a fresh database for each:
/// <code>
/// await using var database = await TestPostgres.CreateDatabaseAsync("store", Migrations.ApplyAsync);
/// await using var source = NpgsqlDataSource.Create(database.ConnectionString);
/// </code>
/// The template ("store") is prepared once per process and copied for every database after that. Commits do not wait for the disk.
/// A watchdog process stops the server and removes its folder when the test process has ended, however it ended.
/// </summary>
internal static class TestPostgres
{
    private static readonly Lazy<Task<PostgresServer>> s_server = new(StartAsync);
    private static readonly Dictionary<string, Task> s_templates = [];
    private static int s_databases;

    // Kept: its collection would close the pipe it listens to.
    private static Watchdog? s_watchdog;

    /// <summary>A new database: empty, or a copy of what <paramref name="prepare"/> made of the template.</summary>
    /// <param name="template">A name for what <paramref name="prepare"/> does, of lower-case letters; null for an empty database.</param>
    /// <param name="prepare">Given a connection string, makes the schema; called once per template.</param>
    public static async Task<TestDatabase> CreateDatabaseAsync(string? template = null, Func<string, Task>? prepare = null)
    {
        var server = await s_server.Value;
        if (template is not null) await TemplateAsync(server, template, prepare ?? (_ => Task.CompletedTask));

        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref s_databases)}");
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE {(template is null ? "template0" : "template_" + template)}");
        return new TestDatabase(name, ConnectionTo(server, name), () => ExecuteAsync(server, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    private static Task TemplateAsync(PostgresServer server, string template, Func<string, Task> prepare)
    {
        lock (s_templates)
        {
            if (!s_templates.TryGetValue(template, out var made))
                s_templates[template] = made = MakeTemplateAsync(server, "template_" + template, prepare);
            return made;
        }
    }

    private static async Task MakeTemplateAsync(PostgresServer server, string name, Func<string, Task> prepare)
    {
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE template0");
        // Nobody may be connected to a database while it is copied: no pool stays behind.
        var connection = new NpgsqlConnectionStringBuilder(ConnectionTo(server, name)) { Pooling = false };
        await prepare(connection.ConnectionString);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var folder = DataFolder.Open(Path.Combine("/tmp", "of-tests-" + Guid.NewGuid().ToString("N")[..8]));
        s_watchdog = Watchdog.Guard(folder);
        var options = new PostgresOptions { Durable = false, MaxConnections = 300 };
        return await PostgresServer.StartAsync(folder.Lock(), progress: null, options, CancellationToken.None);
    }

    private static string ConnectionTo(PostgresServer server, string database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database }.ConnectionString;

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A database of one test; disposing it drops it, connections and all.</summary>
internal sealed class TestDatabase(string name, string connectionString, Func<Task> drop) : IAsyncDisposable
{
    /// <summary>The database's name on the shared server.</summary>
    public string Name => name;

    /// <summary>For Npgsql; the superuser "flow".</summary>
    public string ConnectionString => connectionString;

    /// <summary>Drops the database.</summary>
    public async ValueTask DisposeAsync() => await drop();
}
