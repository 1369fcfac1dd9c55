using NodaTime;
using NodaTime.TimeZones;

namespace OrleansFlow.Domain.Schedules;

/// <summary>
/// A cron expression in a time zone. The rules of DST (semantics.md): a local time that a change skips is due once, at the
/// next valid moment; a local time that a change repeats is due at its first pass, except when the hour field covers every
/// hour: then in both.
/// </summary>
/// <remarks>
/// Between two changes of a zone's offset local and absolute time run alike, so the search goes from one such interval to the
/// next and only their seams need rules.
/// </remarks>
internal sealed class CronTicks(CronExpression cron, DateTimeZone zone) : ITicks
{
    // 29 February of a leap year: the longest wait there is, over 2100
    private static readonly NodaTime.Duration Horizon = NodaTime.Duration.FromDays((8 * 366) + 31);
    private static readonly Instant First = Instant.FromUtc(1, 1, 2, 0, 0);
    private static readonly Instant Last = Instant.FromUtc(9999, 12, 30, 0, 0);

    public DateTimeOffset? NextAfter(DateTimeOffset moment) =>
        NextAfter(Instant.FromDateTimeOffset(moment))?.ToDateTimeOffset();

    public DateTimeOffset? LastAtOrBefore(DateTimeOffset moment) =>
        LastAtOrBefore(Instant.FromDateTimeOffset(moment))?.ToDateTimeOffset();

    private Instant? NextAfter(Instant moment)
    {
        if (!cron.CanMatch)
            return null;
        moment = Instant.Max(moment, First);
        var horizon = moment < Last - Horizon ? moment + Horizon : Last;
        for (var at = moment; at < horizon;)
        {
            var interval = zone.GetZoneInterval(at);
            if (NextWithin(interval, moment, horizon) is { } found)
                return found;
            at = interval.HasEnd ? interval.End : horizon;
        }
        return null;
    }

    /// <summary>The first tick after the moment within a stretch of constant offset, its first moment included.</summary>
    private Instant? NextWithin(ZoneInterval interval, Instant moment, Instant horizon)
    {
        var end = interval.HasEnd && interval.End < horizon ? interval.End : horizon;
        var localEnd = end.WithOffset(interval.WallOffset).LocalDateTime;
        var from = moment.WithOffset(interval.WallOffset).LocalDateTime.PlusTicks(1);

        if (interval.HasStart)
        {
            var start = interval.Start.WithOffset(interval.WallOffset).LocalDateTime;
            var startBefore = interval.Start.WithOffset(OffsetBefore(interval)).LocalDateTime;
            if (moment < interval.Start)
            {
                var isSkipped = startBefore < start && cron.First(startBefore, start) is not null;
                if (isSkipped)
                    return interval.Start;
                from = start;
            }
            var isSecondPass = from < startBefore;
            if (isSecondPass && !cron.CoversEveryHour)
                from = startBefore;
        }
        return cron.First(from, localEnd) is { } local ? local.WithOffset(interval.WallOffset).ToInstant() : null;
    }

    private Offset OffsetBefore(ZoneInterval interval) =>
        zone.GetUtcOffset(interval.Start - NodaTime.Duration.Epsilon);

    /// <summary>By bisection over <see cref="NextAfter(Instant)"/>, so that both directions agree by construction.</summary>
    private Instant? LastAtOrBefore(Instant moment)
    {
        var clear = moment; // no tick in (clear, moment]
        if (NextAfter(moment > First + Horizon ? moment - Horizon : First) is not { } found || found > moment)
            return null;
        while (NextAfter(found) is { } next && next <= moment)
        {
            var middle = next + ((clear - next) / 2);
            if (NextAfter(middle) is { } later && later <= moment)
                found = later;
            else
                (found, clear) = (next, middle);
        }
        return found;
    }
}
