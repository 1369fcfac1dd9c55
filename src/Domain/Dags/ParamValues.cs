using System.Text.Json.Nodes;

namespace OrleansFlow.Domain.Dags;

/// <summary>Placeholder.</summary>
public static class ParamValues
{
    /// <summary>Placeholder.</summary>
    public static (JsonObject Values, IReadOnlyList<string> Problems) Merge(IReadOnlyDictionary<string, JsonObject> schemas, JsonObject? given)
    {
        var values = new JsonObject();
        foreach (var (name, schema) in schemas) if (schema["default"] is { } value) values[name] = value.DeepClone();
        foreach (var (name, value) in given ?? []) values[name] = value?.DeepClone();
        return (values, []);
    }
}
