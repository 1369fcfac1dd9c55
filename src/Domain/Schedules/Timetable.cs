namespace OrleansFlow.Domain.Schedules;

/// <summary>
/// Computes the fires of one schedule of one DAG, by the rules of semantics.md. Pure, immutable, thread-safe. Takes time
/// independent of how long the system was down, except for the fires it returns.
/// </summary>
/// <remarks>
/// Nothing fires for the time before the DAG was activated, except with <c>catchup</c> and a <c>start</c>, or with
/// <c>once</c>. <c>end</c> bounds logical dates, inclusively, as in Airflow.
/// </remarks>
public sealed class Timetable
{
    private readonly ScheduleSpec _spec;
    private readonly ITicks _ticks;
    private readonly DateTimeOffset _activatedAt;

    /// <summary>Prepares a valid schedule.</summary>
    /// <param name="spec">A schedule in which <see cref="ScheduleValidator"/> found no problem.</param>
    /// <param name="activatedAt">
    /// When the DAG was first activated with this schedule. Must be stored and be the same each time: a schedule of <c>every</c>
    /// without <c>start</c> is anchored at it, cut to whole seconds.
    /// </param>
    /// <exception cref="ArgumentException">The schedule is invalid; the message holds the first problem.</exception>
    public Timetable(ScheduleSpec spec, DateTimeOffset activatedAt)
    {
        if (ScheduleValidator.Validate(spec) is [var problem, ..])
            throw new ArgumentException($"invalid schedule: {problem.Path}: {problem.Message}", nameof(spec));

        _spec = spec;
        _activatedAt = activatedAt;
        // A store may keep fewer digits than we have ticks: an anchor that both represent keeps logical dates unique.
        var anchor = spec.Start is { } start ? Cut(start, TimeSpan.TicksPerMicrosecond) : Cut(activatedAt, TimeSpan.TicksPerSecond);
        _ticks = spec switch
        {
            { Once: true } => new OnceTicks(anchor),
            { Every: { } every } => new GridTicks(anchor, every),
            _ => new CronTicks(
                CronExpression.Parse(spec.Cron!, [])!,
                TimeZones.TryGet(spec.TimeZone, out var zone, out var error) ? zone : throw new ArgumentException(error, nameof(spec))),
        };
    }

    /// <summary>The first fire due strictly after a moment, whatever was missed before; null when the schedule has ended.</summary>
    public Fire? Next(DateTimeOffset after) => FirstFiringAfter(after, Floor(null));

    /// <summary>What is owed now: see <see cref="ScheduleSpec.Catchup"/>.</summary>
    /// <param name="lastLogicalDate">The newest logical date already scheduled; null when there is none yet.</param>
    /// <param name="now">The present moment. May lie before the last date (a clock set back): then nothing is due.</param>
    /// <param name="limit">The most fires to return, at least 1; matters only with catchup.</param>
    public DueFires Due(DateTimeOffset? lastLogicalDate, DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var isFirst = lastLogicalDate is null;
        var floor = Floor(lastLogicalDate);
        return _spec switch
        {
            { Once: true } => Page(isFirst ? FirstDatedAfter(floor) : null, now, limit),
            { Catchup: true, Start: null } when isFirst => Page(FirstFiringAfter(_activatedAt, floor), now, limit),
            { Catchup: true } => Page(FirstDatedAfter(floor), now, limit),
            _ => Latest(isFirst ? _activatedAt : DateTimeOffset.MinValue, floor, now),
        };
    }

    /// <summary>Without catchup: of all that was missed, only the newest.</summary>
    private DueFires Latest(DateTimeOffset since, DateTimeOffset floor, DateTimeOffset now) =>
        LatestDue(now) is { } latest && latest.FireAt > since && latest.LogicalDate > floor
            ? new DueFires([latest], FirstDatedAfter(latest.LogicalDate))
            : new DueFires([], FirstFiringAfter(Later(now, since), floor));

    /// <summary>With catchup: one after another.</summary>
    private DueFires Page(Fire? next, DateTimeOffset now, int limit)
    {
        var due = new List<Fire>();
        for (; next is not null && next.FireAt <= now && due.Count < limit; next = FirstDatedAfter(next.LogicalDate))
            due.Add(next);
        return new DueFires(due, next);
    }

    /// <summary>Logical dates of new fires lie strictly above this.</summary>
    private DateTimeOffset Floor(DateTimeOffset? last)
    {
        var beforeStart = _spec.Start is { } start ? Before(Cut(start, TimeSpan.TicksPerMicrosecond)) : DateTimeOffset.MinValue;
        return Later(last ?? DateTimeOffset.MinValue, beforeStart);
    }

    private Fire? FirstDatedAfter(DateTimeOffset logicalDate) =>
        _ticks.NextAfter(logicalDate) is not { } date ? null
        : !_spec.Interval ? Within(date, date)
        : _ticks.NextAfter(date) is { } end ? Within(date, end) : null;

    private Fire? FirstFiringAfter(DateTimeOffset moment, DateTimeOffset floor)
    {
        if (_ticks.NextAfter(moment) is not { } due)
            return null;
        var date = _spec.Interval ? _ticks.LastAtOrBefore(Before(due)) : due;
        return date > floor ? Within(date.Value, due) : FirstDatedAfter(floor);
    }

    /// <summary>The newest fire due at or before the moment, with regard to <c>end</c> but not to <c>start</c>.</summary>
    private Fire? LatestDue(DateTimeOffset moment)
    {
        if (_ticks.LastAtOrBefore(moment) is not { } due)
            return null;
        var newest = _spec.Interval ? _ticks.LastAtOrBefore(Before(due)) : due;
        if (newest is not { } date)
            return null;
        if (_spec.End is not { } end || date <= end)
            return Within(date, due);
        return _ticks.LastAtOrBefore(end) is { } last ? FirstDatedAfter(Before(last)) : null;
    }

    private Fire? Within(DateTimeOffset date, DateTimeOffset due) =>
        date > _spec.End ? null : new Fire(date, date, due, due);

    private static DateTimeOffset Before(DateTimeOffset moment) =>
        moment > DateTimeOffset.MinValue ? moment.AddTicks(-1) : moment;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Cut(DateTimeOffset moment, long ticks) =>
        new(moment.UtcTicks - (moment.UtcTicks % ticks), TimeSpan.Zero);
}
