using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Schedules;

/// <summary>
/// Moments as people write them: <c>2024-01-31</c>, <c>2024-01-31T06:00</c>, <c>2024-01-31 06:00:30Z</c>,
/// <c>2024-01-31T06:00+01:00</c>. Pure and thread-safe.
/// </summary>
public static class ScheduleTime
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>
    /// Reads a moment. A time without an offset is local in the zone, by the rules of cron: a skipped time means the next valid
    /// moment, a repeated one its first pass.
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="timeZone">IANA id of the zone, <c>UTC</c> for instance.</param>
    /// <param name="moment">The moment in UTC; default when there is an error.</param>
    /// <param name="error">Null, or a sentence for the user.</param>
    public static bool TryParse(string? text, string timeZone, out DateTimeOffset moment, [NotNullWhen(false)] out string? error)
    {
        moment = default;
        if (!TimeZones.TryGet(timeZone, out var zone, out error))
            return false;
        if (!DateTime.TryParseExact((text ?? "").Trim(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
        {
            error = $"{Excerpt.Of(text ?? "")} is not a date; expected 2024-01-31, 2024-01-31T06:00 or 2024-01-31T06:00:00+01:00";
            return false;
        }
        moment = time.Kind == DateTimeKind.Utc
            ? new DateTimeOffset(time)
            : TimeZones.Resolve(zone, LocalDateTime.FromDateTime(time)).ToDateTimeOffset();
        return true;
    }
}
