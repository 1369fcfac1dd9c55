using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>The members of a JSON object, each taken once; what nobody took is from a newer version.</summary>
internal sealed class Members(JsonElement element)
{
    private int _taken;

    public string? Text(string name) => Take(name)?.GetString();

    public string Required(string name) => Text(name) ?? throw new FormatException($"'{name}' is missing");

    public int? Integer(string name) => Take(name)?.GetInt32();

    public double? Number(string name) => Take(name)?.GetDouble();

    public bool Flag(string name) => Take(name)?.GetBoolean() ?? false;

    public TimeSpan? Time(string name) => Text(name) is { } text ? Duration.Parse(text) : null;

    public DateTimeOffset? Moment(string name) => Text(name) is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : null;

    public T Enum<T>(string name, T fallback) where T : struct, Enum => Text(name) is { } text ? Names.Parse<T>(text) : fallback;

    public IReadOnlyList<T>? Items<T>(string name, Func<JsonElement, T> read) =>
        Take(name) is { } list ? [.. list.EnumerateArray().Select(read)] : null;

    public IReadOnlyList<string>? Texts(string name) => Items(name, item => item.GetString()!);

    public IReadOnlyList<int>? Integers(string name) => Items(name, item => item.GetInt32());

    public IReadOnlyDictionary<string, T> Map<T>(string name, Func<JsonElement, T> read) =>
        Take(name) is { } map ? map.EnumerateObject().ToDictionary(member => member.Name, member => read(member.Value)) : [];

    public T? Object<T>(string name, Func<Members, T> read) where T : class =>
        Take(name) is { } value ? read(new Members(value)) : null;

    public JsonNode? Json(string name) => Take(name) is { } value ? ToNode(value) : null;

    public static JsonNode? ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value.Clone()),
        JsonValueKind.Array => JsonArray.Create(value.Clone()),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value.Clone()),
    };

    /// <summary>The result, unless a member was left over.</summary>
    public T Complete<T>(T result)
    {
        var count = 0;
        foreach (var _ in element.EnumerateObject()) count++;
        return _taken == count ? result : throw new FormatException("it was written by a newer version, with fields that this one does not know: upgrade");
    }

    private JsonElement? Take(string name)
    {
        if (!element.TryGetProperty(name, out var value)) return null;
        _taken++;
        return value;
    }
}
