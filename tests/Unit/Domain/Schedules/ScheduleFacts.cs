using System.Globalization;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

/// <summary>Short words for tests about schedules; all times are UTC.</summary>
internal static class ScheduleFacts
{
    public static DateTimeOffset At(string utc) =>
        DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static ScheduleSpec Cron(string cron, string zone = "UTC") => new() { Cron = cron, TimeZone = zone };

    /// <summary>The next fires of a schedule that was activated long ago.</summary>
    public static IEnumerable<DateTimeOffset> Fires(ScheduleSpec spec, string after, int count)
    {
        var timetable = new Timetable(spec, At("2000-01-01"));
        var moment = At(after);
        for (var i = 0; i < count && timetable.Next(moment) is { } fire; i++)
        {
            yield return fire.FireAt;
            moment = fire.FireAt;
        }
    }

    public static IEnumerable<DateTimeOffset> Dates(this DueFires fires) => fires.Due.Select(f => f.LogicalDate);
}
