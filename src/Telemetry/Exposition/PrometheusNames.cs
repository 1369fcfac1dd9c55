using System.Diagnostics.Metrics;
using System.Text;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>The names of OpenTelemetry in Prometheus' words: snake_case, the unit at the end, <c>_total</c> behind counters. Pure.</summary>
internal static class PrometheusNames
{
    private static readonly string[] s_reserved = ["_count", "_sum", "_bucket", "_total", "_info"];

    private static readonly Dictionary<string, string> s_units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds", ["min"] = "minutes", ["h"] = "hours", ["d"] = "days",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["MB"] = "megabytes", ["Cel"] = "celsius", ["%"] = "percent",
    };

    /// <summary>The name of an instrument's values.</summary>
    public static string Of(Instrument instrument, FamilyKind kind)
    {
        var name = Snake(instrument.Name);
        var unit = UnitOf(instrument.Unit, kind);
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal)) name += "_" + unit;
        if (kind == FamilyKind.Counter) return name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total";

        // Those endings belong to histograms and counters.
        return Array.Exists(s_reserved, ending => name.EndsWith(ending, StringComparison.Ordinal)) ? name + "_current" : name;
    }

    /// <summary>The name of a label.</summary>
    public static string Label(string tag) => Snake(tag);

    private static string UnitOf(string? unit, FamilyKind kind) => unit switch
    {
        null or "" or ['{', ..] => "",
        "1" => kind == FamilyKind.Gauge ? "ratio" : "",
        _ when s_units.TryGetValue(unit, out var word) => word,
        _ => Snake(unit.Replace("/", "_per_", StringComparison.Ordinal)).Trim('_'),
    };

    private static string Snake(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            var isLetter = char.IsAsciiLetterOrDigit(c);
            var after = snake.Length > 0 ? snake[^1] : '\0';
            if (!isLetter && after == '_') continue;
            if (char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(after)) snake.Append('_');
            snake.Append(isLetter ? char.ToLowerInvariant(c) : '_');
        }

        if (snake.Length == 0 || char.IsAsciiDigit(snake[0])) snake.Insert(0, '_');
        return snake.ToString();
    }
}
