using System.Globalization;

namespace OrleansFlow.Domain.Templates;

/// <summary>Dates as Airflow writes them in templates.</summary>
internal static class IsoTime
{
    /// <summary><c>2024-01-31T06:00:00+00:00</c>, with six digits of a second where it has any: Python's isoformat, in UTC.</summary>
    public static string Format(DateTimeOffset moment) => Format(moment,
        moment.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond ? "yyyy-MM-ddTHH:mm:sszzz" : "yyyy-MM-ddTHH:mm:ss.ffffffzzz");

    public static string Format(DateTimeOffset moment, string format) =>
        moment.ToUniversalTime().ToString(format, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment)
        && text.Length >= "2024-01-01".Length && char.IsAsciiDigit(text[0]);
}
