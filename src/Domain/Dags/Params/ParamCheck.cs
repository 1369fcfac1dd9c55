using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansFlow.Domain.Dags.Params;

/// <summary>Checks a value against a schema that <see cref="ParamSchema"/> found to be sound.</summary>
internal static class ParamCheck
{
    /// <summary>A pattern whose matching time grows with the text only: schemas come from users.</summary>
    public static Regex Pattern(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Reports what is wrong with a value and where within it.</summary>
    public static void Check(JsonObject schema, JsonNode? value, Action<string, string[]> report, params string[] at)
    {
        var kind = KindOf(value);
        if (schema["type"] is { } type && !ParamSchema.Allows(schema, kind))
        {
            report($"expected {string.Join(" or ", (type as JsonArray ?? [type.DeepClone()]).Select(ParamSchema.Text))}, got {Show(value)}", at);
            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(each => JsonNode.DeepEquals(each, value)))
            report($"{Show(value)} is not one of {string.Join(", ", allowed.Select(Show))}", at);
        if (schema.TryGetPropertyValue("const", out var only) && !JsonNode.DeepEquals(only, value))
            report($"must be {Show(only)}, got {Show(value)}", at);

        switch (kind)
        {
            case "string":
                CheckText(schema, value!.GetValue<string>(), report, at);
                break;
            case "integer" or "number":
                CheckNumber(schema, value!, report, at);
                break;
            case "array":
                CheckList(schema, (JsonArray)value!, report, at);
                break;
            case "object":
                CheckObject(schema, (JsonObject)value!, report, at);
                break;
        }
    }

    /// <summary>A number as exactly as can be; null when it is no number, or too large for that.</summary>
    public static decimal? AsDecimal(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number
        && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void CheckText(JsonObject schema, string text, Action<string, string[]> report, string[] at)
    {
        var length = text.EnumerateRunes().Count();
        CheckCount(schema, "minLength", "maxLength", length, "characters", report, at);
        if (ParamSchema.Text(schema["pattern"]) is { } pattern && !Pattern(pattern).IsMatch(text))
            report($"'{text}' does not match the pattern {pattern}", at);
        if (ParamSchema.Text(schema["format"]) is { } format && !HasFormat(format, text))
            report($"'{text}' is not a {format}", at);
    }

    private static bool HasFormat(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => text.Length > 10 && text[10] is 'T' or 't' or ' ' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "time" => TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "email" => text.IndexOf('@', StringComparison.Ordinal) is > 0 and var i && i < text.Length - 1,
        _ => true,
    };

    private static void CheckNumber(JsonObject schema, JsonNode value, Action<string, string[]> report, string[] at)
    {
        if (AsDecimal(value) is not { } number) return;
        if (number < AsDecimal(schema["minimum"])) report($"must be at least {schema["minimum"]}, got {value}", at);
        if (number > AsDecimal(schema["maximum"])) report($"must be at most {schema["maximum"]}, got {value}", at);
        if (number <= AsDecimal(schema["exclusiveMinimum"])) report($"must be greater than {schema["exclusiveMinimum"]}, got {value}", at);
        if (number >= AsDecimal(schema["exclusiveMaximum"])) report($"must be less than {schema["exclusiveMaximum"]}, got {value}", at);
    }

    private static void CheckList(JsonObject schema, JsonArray list, Action<string, string[]> report, string[] at)
    {
        CheckCount(schema, "minItems", "maxItems", list.Count, "elements", report, at);
        if (schema["uniqueItems"]?.GetValueKind() == JsonValueKind.True
            && list.Select(item => CanonicalJson.Write(item)).Distinct(StringComparer.Ordinal).Count() < list.Count)
            report("its elements must all differ", at);
        if (schema["items"] is not JsonObject items) return;
        for (var i = 0; i < list.Count; i++)
            Check(items, list[i], report, [.. at, string.Create(CultureInfo.InvariantCulture, $"[{i}]")]);
    }

    private static void CheckObject(JsonObject schema, JsonObject value, Action<string, string[]> report, string[] at)
    {
        foreach (var name in (schema["required"] as JsonArray ?? []).Select(ParamSchema.Text).OfType<string>())
            if (!value.ContainsKey(name))
                report($"lacks '{name}'", at);

        var known = schema["properties"] as JsonObject ?? [];
        foreach (var (name, member) in value)
            if (known[name] is JsonObject property)
                Check(property, member, report, [.. at, name]);
            else if (schema["additionalProperties"] is JsonObject rest)
                Check(rest, member, report, [.. at, name]);
            else if (schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False)
                report($"'{name}' is not one of {string.Join(", ", known.Select(each => each.Key))}", [.. at, name]);
    }

    private static void CheckCount(JsonObject schema, string least, string most, int count, string what, Action<string, string[]> report, string[] at)
    {
        if (count < AsDecimal(schema[least])) report($"must have at least {schema[least]} {what}, has {count}", at);
        if (count > AsDecimal(schema[most])) report($"must have at most {schema[most]} {what}, has {count}", at);
    }

    private static string KindOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => AsDecimal(value) is { } number && number == decimal.Truncate(number) ? "integer" : "number",
    };

    private static string Show(JsonNode? value)
    {
        var text = CanonicalJson.Write(value);
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
