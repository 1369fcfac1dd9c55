using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The kinds of values that many fields share.</summary>
internal static class Kinds
{
    public static readonly Kind<string> Text = new("text", () => Type("string"), ReadText);

    public static readonly Kind<bool> Flag = new("true or false", () => Type("boolean"), ReadFlag);

    public static readonly Kind<TimeSpan> Duration = new(
        "a duration",
        () => new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+(ms|s|m|h|d|w))+$", ["examples"] = new JsonArray("90s", "5m", "1h30m", "10d") },
        ReadDuration);

    /// <summary>A list of texts; a single text is a list of one.</summary>
    public static readonly Kind<IReadOnlyList<string>> Texts = new(
        "a list", () => OneOrMany(Type("string")), ReadTexts);

    /// <summary>A program with its words: always a list, so that nobody has to guess at quoting.</summary>
    public static readonly Kind<IReadOnlyList<string>> Command = new(
        "a list of words", () => ListOf(Type("string")), ReadCommand);

    /// <summary>Any map, kept as JSON.</summary>
    public static readonly Kind<JsonObject> Object = new("a map", () => Type("object"), ReadObject);

    /// <summary>Any map, kept as it stands in the file.</summary>
    public static Kind<YamlMap> Map(string label, Func<JsonObject> schema) => new(label, schema, (YamlNode node, Problems problems, [MaybeNullWhen(false)] out YamlMap value) =>
    {
        value = node as YamlMap;
        if (value is null) problems.Error(node, $"expected {label}, got {node.Kind}");
        return value is not null;
    });

    /// <summary>A map from names to texts.</summary>
    public static readonly Kind<IReadOnlyDictionary<string, string>> TextByName = new(
        "a map of texts", () => new JsonObject { ["type"] = "object", ["additionalProperties"] = Scalar() }, ReadTextByName);

    public static Kind<int> Integer(int min, int max = int.MaxValue) => new(
        "a whole number",
        () =>
        {
            var schema = new JsonObject { ["type"] = "integer" };
            if (min > int.MinValue) schema["minimum"] = min;
            if (max < int.MaxValue) schema["maximum"] = max;
            return schema;
        },
        (YamlNode node, Problems problems, out int value) => ReadInteger(node, min, max, problems, out value));

    public static Kind<double> Number(double min) => new(
        "a number",
        () => new JsonObject { ["type"] = "number", ["minimum"] = min },
        (YamlNode node, Problems problems, out double value) =>
        {
            value = 0;
            if (node is YamlScalar { IsPlain: true } scalar && YamlScalars.TryNumber(scalar.Text, out value) && value >= min) return true;
            problems.Error(node, string.Create(CultureInfo.InvariantCulture, $"expected a number of at least {min}, got {node.Kind}"));
            return false;
        });

    public static Kind<T> OneOf<T>() where T : struct, Enum => new(
        "a name",
        () => new JsonObject { ["enum"] = new JsonArray([.. Names.All<T>().Select(name => JsonValue.Create(name))]) },
        (YamlNode node, Problems problems, out T value) =>
        {
            value = default;
            if (node is YamlScalar scalar && Names.TryParse(scalar.Text, out value)) return true;
            var hint = node is YamlScalar wrong ? problems.Hint(wrong.Text, Names.All<T>()) : "";
            problems.Error(node, $"{node.Kind} is not one of {string.Join(", ", Names.All<T>())}.{hint}");
            return false;
        });

    /// <summary>A list of something; a single one is a list of one.</summary>
    public static Kind<IReadOnlyList<T>> ManyOf<T>(string label, Kind<T> item) => new(
        label, () => OneOrMany(item.Schema()), (YamlNode node, Problems problems, [MaybeNullWhen(false)] out IReadOnlyList<T> value) => ReadItems(node, item, problems, out value));

    public static JsonObject Type(string name) => new() { ["type"] = name };

    public static JsonObject Scalar() => new() { ["type"] = new JsonArray("string", "number", "boolean", "null") };

    public static JsonObject ListOf(JsonObject item) => new() { ["type"] = "array", ["items"] = item };

    public static JsonObject OneOrMany(JsonObject item) => AnyOf((JsonObject)item.DeepClone(), ListOf(item));

    public static JsonObject AnyOf(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    private static bool ReadText(YamlNode node, Problems problems, [MaybeNullWhen(false)] out string value)
    {
        value = node is YamlScalar scalar && !node.IsNull ? scalar.Text : null;
        if (value is null) problems.Error(node, $"expected text, got {node.Kind}");
        return value is not null;
    }

    private static bool ReadFlag(YamlNode node, Problems problems, out bool value)
    {
        var flag = node is YamlScalar { IsPlain: true } scalar ? YamlScalars.Boolean(scalar.Text) : null;
        value = flag ?? false;
        if (flag is null) problems.Error(node, $"expected true or false, got {node.Kind}");
        return flag is not null;
    }

    private static bool ReadDuration(YamlNode node, Problems problems, out TimeSpan value)
    {
        value = default;
        string? error = null;
        if (node is YamlScalar scalar && Domain.Durations.Duration.TryParse(scalar.Text, out value, out error)) return true;
        problems.Error(node, error ?? $"expected a duration such as 90s, 5m, 1h30m or 10d, got {node.Kind}");
        return false;
    }

    private static bool ReadInteger(YamlNode node, int min, int max, Problems problems, out int value)
    {
        value = 0;
        if (node is YamlScalar { IsPlain: true } scalar && YamlScalars.TryInteger(scalar.Text, out var number))
        {
            value = (int)Math.Clamp(number, min, max);
            if (value == number) return true;
        }

        var range = (min, max) switch
        {
            (int.MinValue, int.MaxValue) => "",
            (_, int.MaxValue) => string.Create(CultureInfo.InvariantCulture, $" of at least {min}"),
            _ => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
        };
        problems.Error(node, $"expected a whole number{range}, got {node.Kind}");
        return false;
    }

    private static bool ReadCommand(YamlNode node, Problems problems, out IReadOnlyList<string> value)
    {
        value = [];
        if (node is YamlList) return ReadItems(node, Text, problems, out value);
        problems.Error(node, $"expected a list of words such as [python3, train.py], got {node.Kind}; a line for the shell goes into 'script'");
        return false;
    }

    private static bool ReadTexts(YamlNode node, Problems problems, out IReadOnlyList<string> value)
    {
        value = [];
        if (node is not YamlMap) return ReadItems(node, Text, problems, out value);
        problems.Error(node, $"expected a list, got {node.Kind}");
        return false;
    }

    private static bool ReadObject(YamlNode node, Problems problems, [MaybeNullWhen(false)] out JsonObject value)
    {
        value = node is YamlMap ? YamlJson.From(node) as JsonObject : null;
        if (value is null) problems.Error(node, $"expected a map, got {node.Kind}");
        return value is not null;
    }

    private static bool ReadTextByName(YamlNode node, Problems problems, out IReadOnlyDictionary<string, string> value)
    {
        var texts = new Dictionary<string, string>();
        value = texts;
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected a map of names and texts, got {node.Kind}");
            return false;
        }

        foreach (var (key, entry) in map.Entries)
            if (!entry.IsNull && ReadText(entry, problems, out var text))
                texts[key.Text] = text;
        return true;
    }

    private static bool ReadItems<T>(YamlNode node, Kind<T> item, Problems problems, out IReadOnlyList<T> value)
    {
        var nodes = node is YamlList list ? list.Items : [node];
        var items = new List<T>(nodes.Count);
        foreach (var each in nodes)
            if (item.Read(each, problems, out var read))
                items.Add(read);
        value = items;
        return items.Count == nodes.Count;
    }
}
