namespace OrleansFlow.Domain.Schedules;

/// <summary>When a DAG's runs are due: exactly one of <see cref="Every"/>, <see cref="Cron"/> and <see cref="Once"/>.</summary>
public sealed record ScheduleSpec
{
    /// <summary>A fixed period on the grid start + k * every; does not follow daylight saving time.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>A cron expression of five fields, or a macro such as <c>@daily</c>.</summary>
    public string? Cron { get; init; }

    /// <summary>The IANA time zone that <see cref="Cron"/> is read in.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>One run, at <see cref="Start"/>.</summary>
    public bool Once { get; init; }

    /// <summary>No run is due before this instant.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>No run is due after this instant.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Whether missed fires are made up for, oldest first; otherwise only the latest one is.</summary>
    public bool Catchup { get; init; }

    /// <summary>Whether the logical date is the start of a data interval at whose end the run fires.</summary>
    public bool Interval { get; init; }
}
