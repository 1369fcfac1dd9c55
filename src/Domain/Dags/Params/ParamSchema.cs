using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Dags.Params;

/// <summary>
/// The part of JSON Schema that parameters use. Small on purpose: a full library takes longer to start than most runs take
/// to begin. A keyword that is not known here is an error, so that nothing is promised and then not checked.
/// </summary>
internal static class ParamSchema
{
    public static readonly IReadOnlyList<string> Types = ["string", "integer", "number", "boolean", "array", "object", "null"];

    private static readonly string[] Counts = ["minLength", "maxLength", "minItems", "maxItems"];

    private static readonly string[] Bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    private static readonly string[] Others =
        ["type", "enum", "const", "pattern", "format", "items", "uniqueItems", "properties", "required", "additionalProperties", "default", "title", "description", "examples"];

    private static readonly string[] Keywords = [.. Others, .. Counts, .. Bounds];

    /// <summary>Whether a schema allows values of a type at all.</summary>
    public static bool Allows(JsonObject schema, string type) => schema["type"] switch
    {
        null => true,
        JsonArray types => types.Any(each => Text(each) == type),
        var only => Text(only) == type || (type == "integer" && Text(only) == "number"),
    };

    /// <summary>What is wrong with a schema itself; <paramref name="report"/> gets the message and the place within it.</summary>
    public static void Check(JsonObject schema, Action<string, string[]> report, params string[] at)
    {
        foreach (var (keyword, value) in schema)
        {
            string[] place = [.. at, keyword];
            if (!Keywords.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
                report($"'{keyword}' is not a keyword of parameters.{DidYouMean.Hint(keyword, Keywords)} Known are {string.Join(", ", Keywords)}", place);
            else if (Problem(keyword, value) is { } problem)
                report(problem, place);
        }

        if (schema["items"] is JsonObject items) Check(items, report, [.. at, "items"]);
        if (schema["additionalProperties"] is JsonObject rest) Check(rest, report, [.. at, "additionalProperties"]);
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
            if (property is JsonObject inner)
                Check(inner, report, [.. at, "properties", name]);
            else
                report("a property is described by a JSON schema", [.. at, "properties", name]);
    }

    private static string? Problem(string keyword, JsonNode? value) => keyword switch
    {
        "type" => TypeProblem(value),
        "enum" => value is JsonArray { Count: > 0 } ? null : "'enum' is a list of the allowed values",
        "items" => value is JsonObject ? null : "'items' is a JSON schema",
        "properties" => value is JsonObject ? null : "'properties' is a map of JSON schemas",
        "additionalProperties" => value is JsonObject || IsBoolean(value) ? null : "'additionalProperties' is true, false or a JSON schema",
        "required" => value is JsonArray names && names.All(name => Text(name) is not null) ? null : "'required' is a list of names",
        "uniqueItems" => IsBoolean(value) ? null : "'uniqueItems' is true or false",
        "pattern" => PatternProblem(Text(value)),
        "format" or "title" or "description" => Text(value) is null ? $"'{keyword}' is text" : null,
        _ when Counts.Contains(keyword) => value is JsonValue count && count.GetValueKind() == JsonValueKind.Number && ParamCheck.AsDecimal(count) is >= 0 and var n && n == decimal.Truncate(n)
            ? null : $"'{keyword}' is a whole number of at least 0",
        _ when Bounds.Contains(keyword) => value?.GetValueKind() == JsonValueKind.Number ? null : $"'{keyword}' is a number",
        _ => null,
    };

    private static string? TypeProblem(JsonNode? value)
    {
        var names = value is JsonArray list ? [.. list.Select(Text)] : new[] { Text(value) };
        if (names.Length == 0) return "'type' names at least one type";
        var wrong = Array.Find(names, name => name is null || !Types.Contains(name));
        return names.All(name => name is not null && Types.Contains(name)) ? null
            : $"'{wrong ?? "?"}' is not a type.{DidYouMean.Hint(wrong ?? "", Types)} Known are {string.Join(", ", Types)}";
    }

    private static string? PatternProblem(string? pattern)
    {
        if (pattern is null) return "'pattern' is a regular expression";
        try
        {
            _ = ParamCheck.Pattern(pattern);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"'{pattern}' is not a regular expression that can be used here: {e.Message}";
        }
    }

    public static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static bool IsBoolean(JsonNode? value) => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False;
}
