using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags.Params;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Dags;

/// <summary>The parameters of a run, or what is wrong with them.</summary>
/// <param name="Json">All values, defaults included, as one canonical JSON object; null when there are problems.</param>
/// <param name="Problems">Each at <c>params</c>, the parameter's name, and the place within its value.</param>
public sealed record ParamResult(string? Json, IReadOnlyList<SpecProblem> Problems);

/// <summary>
/// Judges parameters: their schemas when a DAG is applied, their values when a run is triggered. Knows the keywords type, enum,
/// const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern, format, items, minItems, maxItems,
/// uniqueItems, properties, required, additionalProperties and default. Pure and thread-safe.
/// </summary>
public static class ParamValidator
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>What is wrong with the schemas of a DAG; a default must be valid by its own schema.</summary>
    public static IReadOnlyList<SpecProblem> CheckSchemas(IReadOnlyDictionary<string, JsonObject> schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        var problems = new SpecProblems();
        foreach (var (name, schema) in schemas)
        {
            if (IdRules.Problem(name) is { } bad) problems.Error(bad, "params", name);

            var before = problems.All.Count;
            ParamSchema.Check(schema, (message, at) => problems.Error(message, ["params", name, .. at]));
            if (problems.All.Count > before || !schema.TryGetPropertyValue("default", out var fallback)) continue;
            if (ParamLimits.Problem(fallback) is { } beyond) problems.Error(beyond, "params", name, "default");
            else ParamCheck.Check(schema, fallback, (message, at) => problems.Error($"the default does not match the schema: {message}", ["params", name, "default", .. at]));
        }

        return problems.All;
    }

    /// <summary>Lays values over the defaults and checks all of them.</summary>
    /// <param name="schemas">The DAG's parameters.</param>
    /// <param name="given">What the caller gave; null: nothing.</param>
    public static ParamResult Merge(IReadOnlyDictionary<string, JsonObject> schemas, JsonObject? given)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        given ??= [];
        var problems = new SpecProblems();
        foreach (var (name, _) in given)
            if (!schemas.ContainsKey(name))
                problems.Error($"the DAG declares no parameter '{name}'.{DidYouMean.Hint(name, schemas.Keys)}", "params", name);

        var merged = new JsonObject();
        foreach (var (name, schema) in schemas)
        {
            if (given.TryGetPropertyValue(name, out var value))
            {
                if (ParamLimits.Problem(value) is { } beyond) problems.Error(beyond, "params", name);
                else ParamCheck.Check(schema, value, (message, at) => problems.Error(message, ["params", name, .. at]));
            }
            else if (!schema.TryGetPropertyValue("default", out value))
            {
                problems.Error($"'{name}' has no default and was not given: give it a value, on the command line by -p {name}=VALUE", "params", name);
            }

            merged[name] = value?.DeepClone();
        }

        return new ParamResult(problems.All.Count == 0 ? CanonicalJson.Write(merged) : null, problems.All);
    }

    /// <summary>
    /// The same for values written as text, such as <c>-p rows=100</c>: a text stays one where the schema allows a string, and
    /// is read as JSON elsewhere. Of a name given twice the last counts.
    /// </summary>
    public static ParamResult MergeTexts(IReadOnlyDictionary<string, JsonObject> schemas, IEnumerable<KeyValuePair<string, string>> given) =>
        Merge(schemas, ReadTexts(schemas, given));

    /// <summary>Values written as text, as JSON; not judged.</summary>
    public static JsonObject ReadTexts(IReadOnlyDictionary<string, JsonObject> schemas, IEnumerable<KeyValuePair<string, string>> given)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(given);
        var values = new JsonObject();
        foreach (var (name, text) in given)
            values[name] = schemas.TryGetValue(name, out var schema) ? FromText(schema, text) : JsonValue.Create(text);
        return values;
    }

    private static JsonNode? FromText(JsonObject schema, string text)
    {
        if (schema["type"] is not null && ParamSchema.Allows(schema, "string")) return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text, documentOptions: s_strict);
        }
        catch (Exception none) when (none is JsonException or InvalidOperationException)
        {
            // a key that is half a character is found at once, and is not JSON either; the check against the schema says what was expected
            return JsonValue.Create(text);
        }
    }
}
