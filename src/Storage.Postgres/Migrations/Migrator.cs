using System.Globalization;
using Npgsql;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.Postgres.Migrations;

/// <summary>
/// Brings a database to the schema of this program: forward only, each migration in a transaction of its own, under an advisory lock,
/// so that hosts that start at once wait for one another. Doing it again changes nothing.
/// </summary>
public sealed class Migrator
{
    private const long LockKey = 0x4F464D4947; // "OFMIG"
    private readonly IReadOnlyList<Migration> _migrations;

    /// <summary>A migrator of this program's migrations.</summary>
    public Migrator() : this(Migration.Embedded) { }

    /// <summary>A migrator of given migrations.</summary>
    /// <param name="migrations">Numbered from 1 without gaps, in order.</param>
    public Migrator(IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < migrations.Count; i++)
            if (migrations[i].Number != i + 1)
                throw new ArgumentException($"migration {migrations[i].Number} stands at place {i + 1}", nameof(migrations));
        _migrations = migrations;
    }

    /// <summary>Applies what is missing.</summary>
    /// <param name="connectionString">The database; the role must be allowed to create tables in it.</param>
    /// <param name="progress">Told of each migration before it is applied; null: nobody is.</param>
    /// <param name="cancellation">Stops between statements; what is half done is rolled back.</param>
    /// <returns>How many were applied.</returns>
    /// <exception cref="MigrationException">The database is newer than the program, a released migration was edited, or one failed.</exception>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public async Task<int> MigrateAsync(string connectionString, Action<Migration>? progress, CancellationToken cancellation)
    {
        var description = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(description.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            await RequireVersionAsync(connection);
            await ExecuteAsync(connection, "SELECT pg_advisory_lock($1)", cancellation, LockKey);
            var applied = await ReadAppliedAsync(connection, cancellation);
            Check(applied);
            foreach (var migration in _migrations.Skip(applied.Count))
            {
                progress?.Invoke(migration);
                await ApplyAsync(connection, migration, cancellation);
            }

            return _migrations.Count - applied.Count;
        }
        catch (Exception failure) when (failure is not MigrationException && Failures.Translate(failure, committing: false) is { } known)
        {
            throw known;
        }
    }

    private static Task RequireVersionAsync(NpgsqlConnection connection) =>
        connection.PostgreSqlVersion.Major >= 15
            ? Task.CompletedTask
            : throw new MigrationException($"PostgreSQL 15 or newer is needed; this server is {connection.PostgreSqlVersion}.");

    private static async Task<List<(int Number, string Name, string Checksum)>> ReadAppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        await ExecuteAsync(
            connection,
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
              number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """,
            cancellation);
        await using var command = new NpgsqlCommand("SELECT number, name, checksum FROM schema_migration ORDER BY number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var applied = new List<(int, string, string)>();
        while (await reader.ReadAsync(cancellation)) applied.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private void Check(List<(int Number, string Name, string Checksum)> applied)
    {
        foreach (var (number, name, checksum) in applied)
        {
            if (number > _migrations.Count)
                throw new MigrationException(
                    $"The database is newer than this program: it has migration {Numbered(number, name)}, and the program knows those " +
                    $"up to {_migrations.Count}. Use the release that made it, or a newer one; there is no way back to an older schema.");
            var known = _migrations[number - 1];
            if (known.Checksum != checksum)
                throw new MigrationException(
                    $"Migration {Numbered(number, name)} of the database differs from that of this program " +
                    $"({checksum[..12]} and {known.Checksum[..12]}). The database was made by another build: use that build, or a fresh database.");
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellation)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await ExecuteAsync(connection, migration.Text, cancellation);
            await ExecuteAsync(
                connection, "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)", cancellation,
                migration.Number, migration.Name, migration.Checksum);
            await transaction.CommitAsync(cancellation);
        }
        catch (PostgresException error) when (Failures.Translate(error, committing: false)?.Failure == StoreFailure.Rejected)
        {
            throw new MigrationException(
                $"Migration {Numbered(migration.Number, migration.Name)} failed, and nothing of it was applied: {error.MessageText}", error);
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string text, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(text, connection);
        foreach (var argument in arguments) command.Parameters.Add(new NpgsqlParameter { Value = argument });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Numbered(int number, string name) => string.Create(CultureInfo.InvariantCulture, $"{number:0000}_{name}");
}
