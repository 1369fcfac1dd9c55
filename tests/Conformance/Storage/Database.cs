using Npgsql;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>What tests do to a database behind the store's back.</summary>
internal static class Database
{
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static Task ExecuteAsync(string connectionString, string sql) => ScalarAsync<object>(connectionString, $"{sql}; SELECT 1");

    /// <summary>Waits until a query says true.</summary>
    public static async Task UntilAsync(string connectionString, string sql)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await ScalarAsync<bool>(connectionString, sql)) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, ceiling.Token);
    }

    /// <summary>From now on a commit that writes history takes a minute, unless somebody ends it.</summary>
    public static Task MakeCommitsSlowAsync(string connectionString) => ExecuteAsync(
        connectionString,
        """
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON task_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()
        """);

    /// <summary>Waits until a commit takes its time, and gives the process id of its back end.</summary>
    public static async Task<int> SlowCommitAsync(string connectionString)
    {
        const string dawdling = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        await UntilAsync(connectionString, $"SELECT count(*) > 0 {dawdling}");
        return await ScalarAsync<int>(connectionString, $"SELECT min(pid) {dawdling}");
    }
}
