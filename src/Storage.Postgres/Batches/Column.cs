using NpgsqlTypes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Storage.Postgres.Batches;

/// <summary>One column of the rows that a statement writes: its type, and how its array is collected from the rows.</summary>
internal sealed record Column<T>(NpgsqlDbType Type, Func<IReadOnlyList<T>, Array> Collect);

internal static class Column
{
    public static Column<T> Text<T>(Func<T, string?> value) => Of(NpgsqlDbType.Text, value);

    public static Column<T> Name<T, TEnum>(Func<T, TEnum> value) where TEnum : struct, Enum =>
        Of<T, string>(NpgsqlDbType.Text, row => Names.Of(value(row)));

    public static Column<T> Name<T, TEnum>(Func<T, TEnum?> value) where TEnum : struct, Enum =>
        Of<T, string?>(NpgsqlDbType.Text, row => value(row) is { } name ? Names.Of(name) : null);

    public static Column<T> Int<T>(Func<T, int> value) => Of(NpgsqlDbType.Integer, value);

    public static Column<T> Int<T>(Func<T, int?> value) => Of(NpgsqlDbType.Integer, value);

    public static Column<T> Long<T>(Func<T, long> value) => Of(NpgsqlDbType.Bigint, value);

    public static Column<T> Long<T>(Func<T, long?> value) => Of(NpgsqlDbType.Bigint, value);

    public static Column<T> Flag<T>(Func<T, bool> value) => Of(NpgsqlDbType.Boolean, value);

    public static Column<T> Uuid<T>(Func<T, Guid> value) => Of(NpgsqlDbType.Uuid, value);

    public static Column<T> Instant<T>(Func<T, DateTimeOffset> value) => Of<T, DateTime>(NpgsqlDbType.TimestampTz, row => Micros(value(row)));

    public static Column<T> Instant<T>(Func<T, DateTimeOffset?> value) =>
        Of<T, DateTime?>(NpgsqlDbType.TimestampTz, row => value(row) is { } instant ? Micros(instant) : null);

    /// <summary>In UTC and whole microseconds, cut and not rounded, before and after the year 2000.</summary>
    public static DateTime Micros(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    private static Column<T> Of<T, TValue>(NpgsqlDbType type, Func<T, TValue> value) => new(type, rows =>
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = value(rows[i]);
        return values;
    });
}
