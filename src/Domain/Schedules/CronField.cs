using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Schedules;

/// <summary>One field of a cron expression: a set of numbers between 0 and 59, held as bits.</summary>
/// <param name="Bits">Bit n is set when n matches.</param>
/// <param name="IsAny">The field was written <c>*</c>.</param>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    public bool Contains(int value) => (Bits >> value & 1) != 0;

    /// <summary>The smallest member at or above a value below 64; -1 when there is none.</summary>
    public int FirstFrom(int value)
    {
        var rest = value > 63 ? 0 : Bits >> value << value;
        return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
    }
}

/// <summary>What one field of a cron expression may hold, and how to read it.</summary>
/// <remarks>
/// Own parsing, since NCrontab 3.3 refuses 7 for Sunday, joins the two day fields by AND, and reads <c>FRI-MON</c> as
/// <c>MON-FRI</c>; Airflow's croniter, whose expressions people bring along, does none of these.
/// </remarks>
internal sealed record CronFieldRule(string Name, int Min, int Max, string Example, params string[] Names)
{
    public static readonly CronFieldRule Minute = new("minute", 0, 59, "*/15");
    public static readonly CronFieldRule Hour = new("hour", 0, 23, "8-18");
    public static readonly CronFieldRule DayOfMonth = new("day-of-month", 1, 31, "1,15");
    public static readonly CronFieldRule Month = new("month", 1, 12, "JAN-MAR",
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    public static readonly CronFieldRule DayOfWeek = new("day-of-week", 0, 7, "MON-FRI",
        "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    public bool TryParse(string text, out CronField field, [NotNullWhen(false)] out string? error)
    {
        ulong bits = 0;
        error = null;
        foreach (var item in text.Split(','))
        {
            error = AddItem(item, ref bits);
            if (error is not null)
                break;
        }
        if (this == DayOfWeek && (bits & 1 << 7) != 0)
            bits = bits & ~(1UL << 7) | 1; // 7 is Sunday too
        field = new CronField(bits, IsAny: text is "*" or "?");
        if (error is not null)
            error = $"the {Name} field {Excerpt.Of(text)} {error}; for example {Example}";
        return error is null;
    }

    /// <summary>Adds <c>*</c>, <c>a</c>, <c>a-b</c>, each optionally with <c>/step</c>; returns what is wrong, or null.</summary>
    private string? AddItem(string item, ref ulong bits)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? item : item[..slash];
        var step = 1;
        if (slash >= 0 && (!TryNumber(item[(slash + 1)..], out step) || step == 0))
            return $"has the bad step {Excerpt.Of(item[(slash + 1)..])}: a step is a positive number";

        // without 7, which is 0 again
        var top = this == DayOfWeek ? 6 : Max;
        int from, to;
        if (range is "*" || (range is "?" && Name.StartsWith("day", StringComparison.Ordinal)))
        {
            (from, to) = (Min, top);
        }
        else
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (ReadValue(dash < 0 ? range : range[..dash], out from) is { } badStart)
                return badStart;
            to = slash >= 0 ? top : from; // as in croniter, 5/15 means 5-59/15
            if (dash >= 0 && ReadValue(range[(dash + 1)..], out to) is { } badEnd)
                return badEnd;
        }

        var size = top - Min + 1;
        var last = to < from ? to + size : to;
        for (var value = from; value <= last; value += Math.Min(step, 64))
            bits |= 1UL << (value > Math.Max(top, to) ? value - size : value);
        return null;
    }

    private string? ReadValue(string text, out int value)
    {
        if (TryNumber(text, out value))
            return value >= Min && value <= Max ? null : $"has {value}, which is not within {Min}-{Max}";
        var index = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = index + (this == Month ? 1 : 0);
        if (index >= 0)
            return null;
        return text.Length switch
        {
            0 => "has an empty place",
            _ when IsOfQuartz(text) => $"has '{text}': L, W and # are not supported",
            _ => $"has the unknown word {Excerpt.Of(text)}.{DidYouMean.Hint(text, Names)} It takes {Min}-{Max}"
                + (Names.Length > 0 ? $" or {Names[0]}-{Names[^1]}" : ""),
        };
    }

    private static bool IsOfQuartz(string text) =>
        text.Contains('#', StringComparison.Ordinal) || text.TrimStart("0123456789".ToCharArray()).ToUpperInvariant() is "L" or "W" or "LW";

    private static bool TryNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
