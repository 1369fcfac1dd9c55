using Npgsql;
using NpgsqlTypes;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;

namespace OrleansFlow.Storage.Postgres.Reading;

/// <summary>Runs named statements, and turns their failures into <see cref="StoreException"/>.</summary>
internal static class Reading
{
    public static Task<IReadOnlyList<T>> ListAsync<T>(
        this NpgsqlDataSource source, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] arguments) =>
        source.TryAsync(async connection => await ListAsync(connection, name, read, cancellation, arguments), cancellation);

    public static async Task<T?> FindAsync<T>(
        this NpgsqlDataSource source, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] arguments)
        where T : class =>
        (await source.ListAsync(name, read, cancellation, arguments)).SingleOrDefault();

    public static Task<int> ExecuteAsync(this NpgsqlDataSource source, string name, CancellationToken cancellation, params object?[] arguments) =>
        source.TryAsync(connection => ExecuteAsync(connection, name, cancellation, arguments), cancellation);

    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string name, CancellationToken cancellation, params object?[] arguments)
    {
        await using var command = Command(connection, name, arguments);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Runs something on a connection of the pool.</summary>
    /// <exception cref="StoreException">The store is away, or it refused.</exception>
    public static async Task<T> TryAsync<T>(
        this NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            return await use(connection);
        }
        catch (Exception failure) when (failure is not ArgumentException and not FormatException and not InvalidCastException
            && Failures.Translate(failure, committing: false) is { } known)
        {
            throw known;
        }
    }

    public static async Task<IReadOnlyList<T>> ListAsync<T>(
        NpgsqlConnection connection, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] arguments)
    {
        await using var command = Command(connection, name, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(read(reader));
        return rows;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string name, object?[] arguments)
    {
        var command = new NpgsqlCommand(Sql.Of(name), connection);
        foreach (var argument in arguments) command.Parameters.Add(Parameter(argument));
        return command;
    }

    private static NpgsqlParameter Parameter(object? argument) => argument switch
    {
        null => new() { Value = DBNull.Value },
        string text => new() { NpgsqlDbType = NpgsqlDbType.Text, Value = text },
        DagId dag => Parameter(dag.Value),
        RunId run => Parameter(run.Value),
        TaskId task => Parameter(task.Value),
        IEnumerable<TaskId> tasks => Parameter(tasks.Select(task => task.Value)),
        IEnumerable<string> texts => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = texts.ToArray() },
        IEnumerable<int> numbers => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer, Value = numbers.ToArray() },
        IEnumerable<double?> numbers => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double, Value = numbers.ToArray() },
        IEnumerable<DateTimeOffset> instants => new()
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = instants.Select(Column.Micros).ToArray(),
        },
        IEnumerable<long?> numbers => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, Value = numbers.ToArray() },
        DateTimeOffset instant => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = Column.Micros(instant) },
        TimeSpan length => new() { NpgsqlDbType = NpgsqlDbType.Interval, Value = length },
        int number => new() { NpgsqlDbType = NpgsqlDbType.Integer, Value = number },
        long number => new() { NpgsqlDbType = NpgsqlDbType.Bigint, Value = number },
        bool flag => new() { NpgsqlDbType = NpgsqlDbType.Boolean, Value = flag },
        Guid uuid => new() { NpgsqlDbType = NpgsqlDbType.Uuid, Value = uuid },
        _ => throw new ArgumentException($"no parameter of type {argument.GetType()}", nameof(argument)),
    };
}
