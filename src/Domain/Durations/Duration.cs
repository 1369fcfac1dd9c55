using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Durations;

/// <summary>
/// Lengths of time as people write them: <c>500ms</c>, <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>10d</c>, <c>2w</c>. Whole
/// numbers, each unit at most once, larger units first. Pure and thread-safe.
/// </summary>
public static class Duration
{
    private const string Expected = "a duration such as 90s, 5m, 1h30m or 10d (units: ms, s, m, h, d, w)";

    private static readonly (string Symbol, long Ticks)[] Units =
    [
        ("w", 7 * TimeSpan.TicksPerDay),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is not a duration; the message says what is expected.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>Reads a duration, or says what is wrong with it. Zero is a duration; negative lengths are not.</summary>
    /// <param name="text">What was written; blanks around it are ignored.</param>
    /// <param name="value">The length; zero when the text is refused.</param>
    /// <param name="error">Null, or a sentence for the user that names the text and what is expected.</param>
    public static bool TryParse(string? text, out TimeSpan value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        var rest = (text ?? "").AsSpan().Trim();
        if (rest.IsEmpty)
        {
            error = $"expected {Expected}, got nothing";
            return false;
        }

        long total = 0;
        var nextUnit = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9') is var d and >= 0 ? d : rest.Length;
            var number = rest[..digits];
            var afterNumber = rest[digits..];
            var letters = 0;
            while (letters < afterNumber.Length && char.IsAsciiLetter(afterNumber[letters]))
                letters++;
            var symbol = afterNumber[..letters].ToString();
            rest = afterNumber[letters..];

            var unit = Array.FindIndex(Units, u => u.Symbol == symbol);
            error = (digits, letters, unit) switch
            {
                (0, _, _) => $"{Excerpt.Of(text!)} is not {Expected}",
                (_, 0, _) when rest.IsEmpty => $"{Excerpt.Of(text!)} lacks a unit: did you mean {Excerpt.Of(text!.Trim() + 's')}? Expected {Expected}",
                (_, 0, _) => $"{Excerpt.Of(text!)} is not {Expected}; fractions are not supported",
                (_, _, < 0) => $"{Excerpt.Of(text!)} has the unknown unit {Excerpt.Of(symbol)}; expected {Expected}",
                _ when unit < nextUnit => $"{Excerpt.Of(text!)} must name each unit once, larger ones first; expected {Expected}",
                _ => null,
            };
            if (error is not null)
                return false;

            nextUnit = unit + 1;
            if (!TryAdd(ref total, number, Units[unit].Ticks))
            {
                error = $"{Excerpt.Of(text!)} is too long: at most {(long)TimeSpan.MaxValue.TotalDays}d";
                return false;
            }
        }

        value = new TimeSpan(total);
        error = null;
        return true;
    }

    /// <summary>
    /// The canonical text: the fewest units from days down to milliseconds, zero as <c>0s</c>. It reads back as the same
    /// length; parts of a millisecond are dropped. A negative length, which cannot be read back, gets a minus sign.
    /// </summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var sign = text.Length;
        // weeks are read but not written: 10d and 1w3d would be two names of one thing
        foreach (var (symbol, ticks) in Units.Skip(1))
        {
            var count = Math.Abs(value.Ticks / ticks);
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{symbol}");
            value = new TimeSpan(value.Ticks % ticks);
        }
        return text.Length == sign ? "0s" : text.ToString();
    }

    private static bool TryAdd(ref long total, ReadOnlySpan<char> number, long ticksPerUnit)
    {
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count > (long.MaxValue - total) / ticksPerUnit)
            return false;
        total += count * ticksPerUnit;
        return true;
    }
}
