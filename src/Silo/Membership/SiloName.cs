using System.Globalization;

namespace OrleansFlow.Silo.Membership;

/// <summary>The name of a silo among its members: <c>HOST.EPOCH</c>, so that all know which seat in the database is whose.</summary>
internal static class SiloName
{
    /// <summary>The name of a host with a seat.</summary>
    public static string Of(string host, long epoch) => string.Create(CultureInfo.InvariantCulture, $"{host}.{epoch}");

    /// <summary>The epoch of the seat; null: it is no silo of ours.</summary>
    public static long? EpochOf(string? name) =>
        long.TryParse(name.AsSpan((name ?? "").LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null;
}
