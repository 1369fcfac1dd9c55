using Npgsql;
using NpgsqlTypes;

namespace OrleansFlow.Storage.Postgres.Batches;

/// <summary>Collects the statements of one round trip.</summary>
internal static class StatementBatch
{
    /// <summary>Adds a statement without parameters.</summary>
    public static void Add(this NpgsqlBatch batch, string text) => batch.BatchCommands.Add(new NpgsqlBatchCommand(text));

    /// <summary>Adds a named statement that takes one array per column, unless there are no rows.</summary>
    /// <returns>Whether it was added.</returns>
    public static bool Add<T>(this NpgsqlBatch batch, string name, Column<T>[] columns, IReadOnlyList<T> rows)
    {
        if (rows.Count == 0) return false;
        var command = new NpgsqlBatchCommand(Sql.Of(name));
        foreach (var column in columns)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | column.Type, Value = column.Collect(rows) });
        batch.BatchCommands.Add(command);
        return true;
    }
}
