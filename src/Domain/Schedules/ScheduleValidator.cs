using OrleansFlow.Domain.Durations;

namespace OrleansFlow.Domain.Schedules;

/// <summary>Something wrong in a schedule.</summary>
/// <param name="Path">The field as the DAG file names it (<c>cron</c>, <c>timezone</c>, ...), or empty for the whole.</param>
/// <param name="Message">A sentence for the user: what is wrong, and what is expected.</param>
public sealed record ScheduleProblem(string Path, string Message);

/// <summary>Judges what a user wrote. Pure and thread-safe.</summary>
public static class ScheduleValidator
{
    /// <summary>Every problem of a schedule; empty when a <see cref="Timetable"/> can be built from it.</summary>
    public static IReadOnlyList<ScheduleProblem> Validate(ScheduleSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = new List<ScheduleProblem>();
        void Add(string path, string message) => problems.Add(new ScheduleProblem(path, message));

        var kinds = KindsOf(spec);
        if (kinds.Count == 0)
            Add("", "a schedule needs one of every, cron and once");
        if (kinds.Count > 1)
            Add("", $"a schedule has exactly one of every, cron and once; this one has {string.Join(" and ", kinds)}");

        if (spec.Every is { } every && every <= TimeSpan.Zero)
            Add("every", $"must be longer than zero, got {Duration.Format(every)}; for example 1h30m or 10d");

        if (spec.Cron is { } cron)
        {
            var errors = new List<string>();
            if (CronExpression.Parse(cron, errors) is { CanMatch: false })
                errors.Add($"'{cron}' never fires: no year has such a day");
            errors.ForEach(error => Add("cron", error));
        }

        if (!TimeZones.TryGet(spec.TimeZone, out _, out var zoneError))
            Add("timezone", zoneError);

        if (spec is { Start: { } start, End: { } end } && end < start)
            Add("end", $"{end:O} lies before start, {start:O}");

        if (spec is { Interval: true, Once: true })
            Add("interval", "once has no interval: remove interval, or use every or cron");

        return problems;
    }

    private static List<string> KindsOf(ScheduleSpec spec)
    {
        var kinds = new List<string>();
        if (spec.Every is not null)
            kinds.Add("every");
        if (spec.Cron is not null)
            kinds.Add("cron");
        if (spec.Once)
            kinds.Add("once");
        return kinds;
    }
}
