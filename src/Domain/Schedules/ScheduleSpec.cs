namespace OrleansFlow.Domain.Schedules;

/// <summary>
/// When a DAG runs by itself: exactly one of <see cref="Every"/>, <see cref="Cron"/> and <see cref="Once"/>. Plain data, as the
/// user wrote it: <see cref="ScheduleValidator"/> judges it, <see cref="Timetable"/> computes with it. Immutable.
/// </summary>
public sealed record ScheduleSpec
{
    /// <summary>A fixed distance in absolute time, on the grid <c>start + k * every</c>; does not follow DST. Positive.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Five fields (<c>0 6 * * 1-5</c>) or a macro (<c>@daily</c>), read in <see cref="TimeZone"/>; follows DST.</summary>
    public string? Cron { get; init; }

    /// <summary>IANA id of the zone that <see cref="Cron"/> is read in. Default <c>UTC</c>.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>One fire only, at <see cref="Start"/>, or when the DAG is activated.</summary>
    public bool Once { get; init; }

    /// <summary>The earliest logical date, and the anchor of the grid. Default: the first activation.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The last logical date that may fire, inclusive. Default: none.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>True: every due fire since <see cref="Start"/>, oldest first. Default false: only the latest due fire.</summary>
    public bool Catchup { get; init; }

    /// <summary>
    /// True: the logical date is the start of a data interval, and the run fires at the interval's end. Default false: the
    /// logical date is the moment of the fire, and the data interval is empty.
    /// </summary>
    public bool Interval { get; init; }

    /// <summary>
    /// The schedule that a single text stands for: <c>@once</c>, another macro or a cron expression. Not validated.
    /// </summary>
    public static ScheduleSpec FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim().Equals("@once", StringComparison.OrdinalIgnoreCase)
            ? new ScheduleSpec { Once = true }
            : new ScheduleSpec { Cron = text.Trim() };
    }
}
