using System.Globalization;
using System.Text;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>Writes families in Prometheus' text format 0.0.4. Pure.</summary>
internal static class PrometheusText
{
    /// <summary>The type of the content.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all of them, in the order of their names; of two of one name the first.</summary>
    public static string Write(IEnumerable<Family> families)
    {
        var text = new StringBuilder();
        foreach (var group in families.GroupBy(family => PrometheusNames.Of(family.Instrument, family.Kind), StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            Write(text, group.Key, group.First());
        return text.ToString();
    }

    /// <summary>A gauge of 1 that carries what is known of a whole process.</summary>
    public static string Info(string name, string help, IEnumerable<KeyValuePair<string, string>> labels)
    {
        var text = new StringBuilder();
        Head(text, name, help, "gauge");
        Line(text, name, Labels([.. labels.Select(label => new KeyValuePair<string, object?>(label.Key, label.Value))]), 1);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, Family family)
    {
        var series = family.Series.Select(one => (Labels: Labels(one.Key), Values: one.Value.Read())).OrderBy(one => one.Labels, StringComparer.Ordinal).ToArray();
        if (series.Length == 0) return;
        var help = family.Instrument.Description is { Length: > 0 } description ? description : family.Instrument.Name;
        Head(text, name, help, family.Kind.ToString().ToLowerInvariant());
        foreach (var (labels, (sum, buckets)) in series)
        {
            if (family.Bounds is { } bounds) WriteHistogram(text, name, labels, bounds, buckets, sum);
            else Line(text, name, labels, sum);
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, double[] bounds, long[] buckets, double sum)
    {
        var before = labels.Length == 0 ? "" : labels + ",";
        var count = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            Line(text, name + "_bucket", $"{before}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"", count);
        }

        Line(text, name + "_sum", labels, sum);
        Line(text, name + "_count", labels, count);
    }

    private static void Head(StringBuilder text, string name, string help, string type) => text
        .Append("# HELP ").Append(name).Append(' ').Append(Escape(help, quotes: false)).Append('\n')
        .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(KeyValuePair<string, object?>[] tags) => string.Join(
        ',',
        tags.GroupBy(tag => PrometheusNames.Label(tag.Key), StringComparer.Ordinal)
            .OrderBy(tag => tag.Key, StringComparer.Ordinal)
            .Select(tag => $"{tag.Key}=\"{Escape(ValueOf(tag.Last().Value), quotes: true)}\""));

    private static string ValueOf(object? value) => value switch
    {
        null => "",
        bool is_ => is_ ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string value, bool quotes)
    {
        var escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
