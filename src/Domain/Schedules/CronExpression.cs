using NodaTime;
using Duration = OrleansFlow.Domain.Durations.Duration;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Schedules;

/// <summary>A five-field cron expression as sets of local times. Knows no time zone: see <see cref="CronTicks"/>.</summary>
internal sealed class CronExpression
{
    public const string Example = "'0 6 * * MON-FRI' (minute, hour, day of month, month, day of week)";

    /// <summary>The macros, as in Airflow and Vixie cron. <c>@once</c> is no cron: see <see cref="ScheduleSpec.FromText"/>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Macros =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["@hourly"] = "0 * * * *",
            ["@daily"] = "0 0 * * *",
            ["@midnight"] = "0 0 * * *",
            ["@weekly"] = "0 0 * * 0",
            ["@monthly"] = "0 0 1 * *",
            ["@yearly"] = "0 0 1 1 *",
            ["@annually"] = "0 0 1 1 *",
        };

    private readonly CronField _minute, _hour, _day, _month, _weekday;

    private CronExpression(CronField minute, CronField hour, CronField day, CronField month, CronField weekday) =>
        (_minute, _hour, _day, _month, _weekday) = (minute, hour, day, month, weekday);

    /// <summary>The hour field covers every hour, so that a repeated hour is due in both its passes (semantics.md).</summary>
    public bool CoversEveryHour => _hour.Bits == (1UL << 24) - 1;

    /// <summary>False for dates that no year has, such as 30 February.</summary>
    public bool CanMatch =>
        (_day.IsAny || !_weekday.IsAny) // with a weekday given, the day of month is only one of two chances
        || Enumerable.Range(1, 12).Any(m => _month.Contains(m) && _day.FirstFrom(1) <= DateTime.DaysInMonth(2024, m));

    /// <summary>Reads five fields or a macro; collects what is wrong with each field.</summary>
    public static CronExpression? Parse(string text, ICollection<string> errors)
    {
        text = text.Trim();
        if (text.StartsWith('@'))
        {
            if (!Macros.TryGetValue(text, out var expansion))
            {
                errors.Add($"{Excerpt.Of(text)} is not a known macro.{DidYouMean.Hint(text, Macros.Keys.Append("@once"))} "
                    + $"Known are {string.Join(", ", Macros.Keys)} and @once");
                return null;
            }
            text = expansion;
        }

        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 5)
        {
            errors.Add($"{Excerpt.Of(text)} has {words.Length} field{(words.Length == 1 ? "" : "s")}, expected 5: for example {Example}"
                + Remedy(words));
            return null;
        }

        CronFieldRule[] rules =
            [CronFieldRule.Minute, CronFieldRule.Hour, CronFieldRule.DayOfMonth, CronFieldRule.Month, CronFieldRule.DayOfWeek];
        var fields = new CronField[5];
        var bad = 0;
        for (var i = 0; i < 5; i++)
        {
            if (rules[i].TryParse(words[i], out fields[i], out var error))
                continue;
            errors.Add(error);
            bad++;
        }
        return bad > 0 ? null : new CronExpression(fields[0], fields[1], fields[2], fields[3], fields[4]);
    }

    /// <summary>The first matching local time at or after one and before another; null when there is none.</summary>
    public LocalDateTime? First(LocalDateTime from, LocalDateTime before)
    {
        var date = from.Date;
        var (hour, minute) = (from.Hour, from.Minute);
        if (from.TimeOfDay.TickOfSecond != 0 || from.Second != 0)
            minute++; // cron's smallest unit is the minute

        while (date < before.Date || (date == before.Date && before.TimeOfDay > LocalTime.Midnight))
        {
            if (_month.Contains(date.Month) && MatchesDay(date) && FirstTime(hour, minute) is { } time)
            {
                var found = date.At(time);
                return found < before ? found : null;
            }
            date = _month.Contains(date.Month) ? date.PlusDays(1) : new LocalDate(date.Year, date.Month, 1).PlusMonths(1);
            (hour, minute) = (0, 0);
        }
        return null;
    }

    private static string Remedy(string[] words) => words switch
    {
        [var word] when Macros.ContainsKey("@" + word) => $". Did you mean '@{word}'?",
        [var word] when Duration.TryParse(word, out _, out _) => $". Did you mean 'every: {word}'?",
        { Length: 6 } => "; seconds are not supported, use 'every: 10s' instead",
        _ => "",
    };

    /// <summary>
    /// When both day fields are restricted, either will do, as in POSIX cron. A step on a star counts as a restriction: so
    /// does croniter, which Airflow uses (its <c>implement_cron_bug=False</c>).
    /// </summary>
    private bool MatchesDay(LocalDate date)
    {
        var day = _day.Contains(date.Day);
        var weekday = _weekday.Contains((int)date.DayOfWeek % 7); // NodaTime's Sunday is 7
        return _day.IsAny || _weekday.IsAny ? day && weekday : day || weekday;
    }

    private LocalTime? FirstTime(int hour, int minute)
    {
        if (_hour.Contains(hour) && _minute.FirstFrom(minute) is var m and >= 0)
            return new LocalTime(hour, m);
        var next = _hour.FirstFrom(hour + 1);
        return next < 0 ? null : new LocalTime(next, _minute.FirstFrom(0));
    }
}
