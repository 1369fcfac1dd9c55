using System.Text.Json.Nodes;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>Free-form parts of a file (schemas, lists to map over, patches) as JSON.</summary>
internal static class YamlJson
{
    /// <summary>The JSON of a node; C# null stands for JSON's null.</summary>
    public static JsonNode? From(YamlNode node) => node switch
    {
        YamlScalar scalar => scalar.IsPlain ? YamlScalars.ToJson(scalar.Text) : JsonValue.Create(scalar.Text),
        YamlList list => new JsonArray([.. list.Items.Select(From)]),
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Name, From(entry.Value)))),
        _ => null,
    };
}
