using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>The words of canonical JSON. A member equal to its default is not written.</summary>
internal static class CanonicalWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string ToText(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes, Options)) write(writer);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    public static void Text(this Utf8JsonWriter writer, string name, string? value, string? fallback = null)
    {
        if (value is not null && value != fallback) writer.WriteString(name, value);
    }

    public static void Integer(this Utf8JsonWriter writer, string name, int? value, int? fallback = null)
    {
        if (value is { } number && number != fallback) writer.WriteNumber(name, number);
    }

    public static void Number(this Utf8JsonWriter writer, string name, double value, double fallback)
    {
        if (value.Equals(fallback)) return;
        writer.WritePropertyName(name);
        Number(writer, value);
    }

    public static void Number(Utf8JsonWriter writer, double value) => writer.WriteRawValue(Shortest(value), skipInputValidation: true);

    public static void Flag(this Utf8JsonWriter writer, string name, bool value)
    {
        if (value) writer.WriteBoolean(name, true);
    }

    public static void Enum<T>(this Utf8JsonWriter writer, string name, T value, T fallback) where T : struct, Enum
    {
        if (!EqualityComparer<T>.Default.Equals(value, fallback)) writer.WriteString(name, Names.Of(value));
    }

    public static void Time(this Utf8JsonWriter writer, string name, TimeSpan? value, TimeSpan? fallback = null)
    {
        if (value is { } time && time != fallback) writer.WriteString(name, Duration.Format(time));
    }

    /// <summary>UTC, with as many decimals of the second as there are.</summary>
    public static void Moment(this Utf8JsonWriter writer, string name, DateTimeOffset? value)
    {
        if (value is { } moment)
            writer.WriteString(name, moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
    }

    public static void Items<T>(this Utf8JsonWriter writer, string name, IReadOnlyList<T>? items, Action<Utf8JsonWriter, T> write)
    {
        if (items is null or { Count: 0 }) return;
        writer.Array(name, items, write);
    }

    public static void Array<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items) write(writer, item);
        writer.WriteEndArray();
    }

    public static void Texts(this Utf8JsonWriter writer, string name, IReadOnlyList<string>? items) =>
        writer.Items(name, items, static (w, item) => w.WriteStringValue(item));

    public static void Integers(this Utf8JsonWriter writer, string name, IReadOnlyList<int> items) =>
        writer.Items(name, items, static (w, item) => w.WriteNumberValue(item));

    public static void Map<T>(this Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, T> map, Action<Utf8JsonWriter, T> write)
    {
        if (map.Count == 0) return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(key);
            write(writer, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>Any JSON, keys sorted.</summary>
    public static void Value(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    Value(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list) Value(writer, item);
                writer.WriteEndArray();
                break;
            default:
                Scalar(writer, node);
                break;
        }
    }

    private static void Scalar(Utf8JsonWriter writer, JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String:
                writer.WriteStringValue(node.GetValue<string>());
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Shortest(node.ToJsonString()), skipInputValidation: true);
                break;
            default:
                writer.WriteRawValue(node.ToJsonString(), skipInputValidation: true);
                break;
        }
    }

    /// <summary>Whole numbers without a point or exponent, others with as few digits as name them: 1, 1.0 and 1e0 are the same.</summary>
    private static string Shortest(string number)
    {
        if (!number.AsSpan().ContainsAny('.', 'e', 'E')) return number == "-0" ? "0" : number;

        var value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? Shortest(value) : number;
    }

    private static string Shortest(double value) => Math.Abs(value) < 1e15 && value == Math.Truncate(value)
        ? ((long)value).ToString(CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);
}
