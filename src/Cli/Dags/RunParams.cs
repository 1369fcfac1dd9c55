using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>Parameters as they stand on a command line: <c>name=value</c>.</summary>
internal static class RunParams
{
    /// <summary>
    /// The JSON object of parameters; null when there are none. A value is a text where the DAG says that the parameter is one;
    /// elsewhere it is JSON (<c>3</c>, <c>true</c>, <c>[1,2]</c>), and a text when it is no JSON.
    /// </summary>
    /// <exception cref="CliException">Something is not <c>name=value</c>, is given twice, or is no parameter of the DAG.</exception>
    public static string? Read(IReadOnlyList<string> texts, DagSpec? dag)
    {
        if (texts.Count == 0) return null;
        var read = new JsonObject();
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0) throw CliException.Invalid($"--param: '{text}' is not name=value");
            var schema = dag?.Params.GetValueOrDefault(parts[0]);
            if (dag is not null && schema is null) throw CliException.Invalid($"--param: {Unknown(parts[0], dag)}");
            if (!read.TryAdd(parts[0], Value(parts[1], schema))) throw CliException.Invalid($"--param: '{parts[0]}' is given twice");
        }

        return read.ToJsonString();
    }

    private static JsonNode? Value(string text, JsonObject? schema)
    {
        if (schema?["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && type.GetValue<string>() == "string") return text;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static string Unknown(string name, DagSpec dag) => dag.Params.Count == 0
        ? $"DAG '{dag.Id}' has no parameters, '{name}' was given"
        : $"DAG '{dag.Id}' has no parameter '{name}'; it has {string.Join(", ", dag.Params.Keys.Order(StringComparer.Ordinal))}";
}
