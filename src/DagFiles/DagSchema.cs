using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Fields;

namespace OrleansFlow.DagFiles;

/// <summary>The JSON schema of DAG files, for editors: made from the field tables that the parser reads by. Thread-safe.</summary>
public static class DagSchema
{
    /// <summary>A JSON Schema (2020-12) document, indented, with a line break at its end.</summary>
    public static string Generate()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "OrleansFlow DAG file",
        };
        foreach (var (keyword, value) in DagFields.Dag.Schema()) schema[keyword] = value?.DeepClone();
        schema["$defs"] = new JsonObject { ["task"] = Named(TaskFields.Table.Schema()), ["group"] = DagFields.Group.Schema() };

        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, options)) schema.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }

    // a task that only inherits is written as a key without a value
    private static JsonObject Named(JsonObject schema)
    {
        schema["type"] = new JsonArray("object", "null");
        return schema;
    }
}
