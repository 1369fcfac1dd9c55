using System.Diagnostics.CodeAnalysis;
using NodaTime;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Schedules;

/// <summary>Looks up IANA time zones in the data that NodaTime carries: the same on every machine.</summary>
internal static class TimeZones
{
    public static bool TryGet(string id, [NotNullWhen(true)] out DateTimeZone? zone, [NotNullWhen(false)] out string? error)
    {
        zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(id);
        error = zone is null
            ? $"{Excerpt.Of(id)} is not a known time zone.{Hint(id)} Use an IANA name such as Europe/Berlin or UTC"
            : null;
        return zone is not null;
    }

    /// <summary>A skipped local time means the next valid moment, a repeated one its first pass.</summary>
    public static Instant Resolve(DateTimeZone zone, LocalDateTime local)
    {
        var mapping = zone.MapLocal(local);
        return mapping.Count == 0 ? mapping.LateInterval.Start : mapping.First().ToInstant();
    }

    /// <summary>Knows a misspelt name and also the city alone: <c>Berlin</c> for <c>Europe/Berlin</c>.</summary>
    private static string Hint(string id)
    {
        var ids = DateTimeZoneProviders.Tzdb.Ids;
        var city = ids.FirstOrDefault(i => i.EndsWith("/" + id.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase));
        return city is null ? DidYouMean.Hint(id, ids) : $" Did you mean '{city}'?";
    }
}
