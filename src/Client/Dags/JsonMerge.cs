using System.Text.Json.Nodes;

namespace OrleansFlow.Client.Dags;

/// <summary>The merge rule of the format: maps merge by key, anything else replaces, null removes.</summary>
internal static class JsonMerge
{
    /// <summary>Lays <paramref name="upper"/> over <paramref name="lower"/>; both stay as they are.</summary>
    public static JsonNode? Over(JsonNode? lower, JsonNode? upper)
    {
        if (lower is not JsonObject below || upper is not JsonObject above) return upper?.DeepClone();
        var merged = (JsonObject)below.DeepClone();
        foreach (var (name, value) in above)
            if (value is null && below.ContainsKey(name)) merged.Remove(name);
            else merged[name] = Over(below[name], value);
        return merged;
    }
}
