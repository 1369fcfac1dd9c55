using System.Globalization;
using NodaTime;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

/// <summary>
/// Cron told in the slowest and plainest way: walk over every minute of the calendar, test each field, map the local time.
/// </summary>
internal static class CronOracle
{
    public static List<DateTimeOffset> Ticks(string cron, string zoneId, DateTimeOffset after, DateTimeOffset until)
    {
        var zone = DateTimeZoneProviders.Tzdb[zoneId];
        var fields = cron.Split(' ');
        var everyHour = Enumerable.Range(0, 24).All(h => Matches(fields[1], h, 0, 23));
        var instants = new SortedSet<Instant>();
        var minute = LocalDateTime.FromDateTime(after.UtcDateTime.Date.AddDays(-2));
        var last = LocalDateTime.FromDateTime(until.UtcDateTime.Date.AddDays(2));
        for (; minute < last; minute = minute.PlusMinutes(1))
        {
            if (!Matches(fields, minute))
                continue;
            var mapping = zone.MapLocal(minute);
            if (mapping.Count == 0)
                instants.Add(mapping.LateInterval.Start);
            if (mapping.Count >= 1)
                instants.Add(mapping.First().ToInstant());
            if (mapping.Count == 2 && everyHour)
                instants.Add(mapping.Last().ToInstant());
        }
        return instants.Select(i => i.ToDateTimeOffset()).Where(t => t > after && t <= until).ToList();
    }

    private static bool Matches(string[] fields, LocalDateTime time)
    {
        if (!Matches(fields[0], time.Minute, 0, 59) || !Matches(fields[1], time.Hour, 0, 23) || !Matches(fields[3], time.Month, 1, 12))
            return false;
        var day = Matches(fields[2], time.Day, 1, 31);
        var weekday = Matches(fields[4], (int)time.DayOfWeek, 0, 7) || Matches(fields[4], (int)time.DayOfWeek % 7, 0, 7);
        return (fields[2], fields[4]) switch
        {
            ("*", _) => weekday,
            (_, "*") => day,
            _ => day || weekday,
        };
    }

    private static bool Matches(string field, int value, int min, int max) => field.Split(',').Any(item =>
    {
        var parts = item.Split('/');
        var step = parts.Length == 2 ? Number(parts[1]) : 1;
        var bounds = parts[0].Split('-');
        var from = parts[0] == "*" ? min : Number(bounds[0]);
        var to = parts[0] == "*" || (bounds.Length == 1 && parts.Length == 2) ? max : Number(bounds[^1]);
        return value >= from && value <= to && (value - from) % step == 0;
    });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
