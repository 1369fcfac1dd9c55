using System.Globalization;
using System.Text;

namespace OrleansFlow.Domain.Templates;

/// <summary>Formats of dates as in C's and Python's strftime, in the C locale.</summary>
internal static class DateFormat
{
    public const string Known = "%Y %y %m %d %e %H %I %M %S %f %p %j %a %A %b %B %u %w %V %G %F %T %s %z %%";

    /// <summary>What is wrong with a format, or null.</summary>
    public static string? Problem(string format)
    {
        for (var i = format.IndexOf('%', StringComparison.Ordinal); i >= 0; i = format.IndexOf('%', i + 2))
        {
            if (i + 1 == format.Length)
                return "the date format ends in a lone %; write %% for a percent sign";
            if (!Known.Contains(format.Substring(i, 2), StringComparison.Ordinal) || format[i + 1] == ' ')
                return $"the date format has the unknown '{format.AsSpan(i, 2)}'; known are {Known}";
            if (i + 2 >= format.Length)
                return null;
        }
        return null;
    }

    /// <summary>Writes a date in its own offset. The format has no problem.</summary>
    public static string Format(DateTimeOffset moment, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
            text.Append(format[i] == '%' ? Directive(moment, format[++i]) : format[i].ToString());
        return text.ToString();
    }

    private static string Directive(DateTimeOffset t, char directive) => directive switch
    {
        'Y' => Net(t, "yyyy"),
        'y' => Net(t, "yy"),
        'm' => Net(t, "MM"),
        'd' => Net(t, "dd"),
        'e' => $"{t.Day,2}",
        'H' => Net(t, "HH"),
        'I' => Net(t, "hh"),
        'M' => Net(t, "mm"),
        'S' => Net(t, "ss"),
        'f' => Net(t, "ffffff"),
        'p' => Net(t, "tt"),
        'j' => t.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'a' => Net(t, "ddd"),
        'A' => Net(t, "dddd"),
        'b' => Net(t, "MMM"),
        'B' => Net(t, "MMMM"),
        'u' => t.DayOfWeek == DayOfWeek.Sunday ? "7" : $"{(int)t.DayOfWeek}",
        'w' => $"{(int)t.DayOfWeek}",
        'V' => ISOWeek.GetWeekOfYear(t.DateTime).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(t.DateTime).ToString("0000", CultureInfo.InvariantCulture),
        'F' => Net(t, "yyyy-MM-dd"),
        'T' => Net(t, "HH:mm:ss"),
        's' => t.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'z' => Net(t, "zzz").Replace(":", "", StringComparison.Ordinal),
        _ => "%",
    };

    private static string Net(DateTimeOffset moment, string format) => moment.ToString(format, CultureInfo.InvariantCulture);
}
