using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.DagFiles;

/// <summary>Reads files of parameters: one map from names to values, as JSON or YAML. Thread-safe.</summary>
public static class ParamFile
{
    /// <summary>Reads a file of at most 8 MiB, UTF-8. Bad input is a result with problems, never an exception.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="path">The name that problems show.</param>
    public static ParamFileResult Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var problems = new Problems(path);
        var values = Read(bytes, problems);
        return new ParamFileResult(problems.Errors == 0 ? values : null, problems.InOrder());
    }

    private static JsonObject? Read(ReadOnlySpan<byte> bytes, Problems problems)
    {
        if (SourceText.Decode(bytes, problems) is not { } text) return null;
        if (FromJson(text) is { } json) return json;
        if (YamlReader.Read(text, problems, "parameters are a map from names to values") is not { } root) return null;
        if (YamlJson.From(root) is JsonObject values) return values;
        problems.Error(root, $"parameters are a map from names to values, this file holds {root.Kind}");
        return null;
    }

    // JSON is YAML too, but for tabs and for what numbers may be; what is wrong with it YAML tells as well.
    private static JsonObject? FromJson(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{")) return null;
        try
        {
            var values = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
            // reads every text: half of a character is found only then
            _ = CanonicalJson.Write(values);
            return values;
        }
        catch (Exception none) when (none is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>What a file of parameters says.</summary>
/// <param name="Values">The values by name; null when there are problems.</param>
/// <param name="Problems">What is wrong with it, in the order of the file.</param>
public sealed record ParamFileResult(JsonObject? Values, IReadOnlyList<FileProblem> Problems);
