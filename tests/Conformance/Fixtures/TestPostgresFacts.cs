using Npgsql;

namespace OrleansFlow.Tests.Conformance.Fixtures;

public class TestPostgresFacts
{
    [Fact]
    public async Task Databases_OfOneTemplate_StartEqual_AndAreApart()
    {
        var prepared = 0;
        async Task Prepare(string connectionString)
        {
            Interlocked.Increment(ref prepared);
            await QueryAsync(connectionString, "CREATE TABLE t (n int); INSERT INTO t VALUES (1); SELECT 0");
        }

        var both = await Task.WhenAll(
            TestPostgres.CreateDatabaseAsync("fixture", Prepare), TestPostgres.CreateDatabaseAsync("fixture", Prepare));
        await using var one = both[0];
        await using var other = both[1];

        await QueryAsync(one.ConnectionString, "DELETE FROM t; SELECT 0");
        (await QueryAsync(one.ConnectionString, "SELECT count(*) FROM t")).ShouldBe(0);
        (await QueryAsync(other.ConnectionString, "SELECT count(*) FROM t")).ShouldBe(1);
        prepared.ShouldBe(1);
    }

    private static async Task<long> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
