using System.Diagnostics;
using Npgsql;

namespace OrleansFlow.Bench.Measuring;

/// <summary>What hosts have committed, seen from outside: in their database. Not thread-safe.</summary>
internal sealed class CommittedRows(string database) : IAsyncDisposable
{
    /// <summary>Nothing takes that long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(database);

    /// <summary>Returns when something is true.</summary>
    /// <exception cref="BenchException">It never is.</exception>
    public async Task UntilAsync(string sql, object[] arguments, CancellationToken cancellation)
    {
        await using var command = Command(sql, arguments);
        for (var clock = Stopwatch.StartNew(); !(bool)(await command.ExecuteScalarAsync(cancellation))!;)
        {
            if (clock.Elapsed > Patience) throw new BenchException($"never true: {sql} [{string.Join(", ", arguments)}]");
            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    /// <summary>The first column of what there is.</summary>
    public async Task<List<T>> ListAsync<T>(string sql, object[] arguments, CancellationToken cancellation)
    {
        await using var command = Command(sql, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var values = new List<T>();
        while (await reader.ReadAsync(cancellation)) values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private NpgsqlCommand Command(string sql, object[] arguments)
    {
        var command = _database.CreateCommand(sql);
        foreach (var argument in arguments) command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }
}
