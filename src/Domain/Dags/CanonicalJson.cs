using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags.Canonical;

namespace OrleansFlow.Domain.Dags;

/// <summary>
/// The one way to write a DAG as JSON: keys sorted, what equals its default left out, durations and times as short texts, no
/// white space. Equal DAGs give equal bytes, and a field that is added later with a default changes no hash. Written and read
/// by hand: nothing is reflected over when <c>flow</c> starts. Pure and thread-safe.
/// </summary>
public static class CanonicalJson
{
    /// <summary>A DAG as canonical JSON.</summary>
    public static string Write(DagSpec dag)
    {
        ArgumentNullException.ThrowIfNull(dag);
        return CanonicalWriter.ToText(writer => DagWriter.Write(writer, dag));
    }

    /// <summary>A JSON value with its keys sorted and its numbers in their shortest form; C# null stands for JSON's null.</summary>
    public static string Write(JsonNode? value) => CanonicalWriter.ToText(writer => CanonicalWriter.Value(writer, value));

    /// <summary>JSON whose writer knows what is canonical: keys sorted, numbers in their shortest form.</summary>
    public static string Write(Action<Utf8JsonWriter> write) => CanonicalWriter.ToText(write);

    /// <summary>A finite number in its shortest form, where JSON is written by <see cref="Write(Action{Utf8JsonWriter})"/>.</summary>
    public static void WriteNumber(Utf8JsonWriter writer, double value) => CanonicalWriter.Number(writer, value);

    /// <summary>A DAG from its canonical JSON.</summary>
    /// <exception cref="FormatException">
    /// It is no DAG, or it has fields that this version does not know: it was written by a newer one, and ignoring them would
    /// run something else than was meant.
    /// </exception>
    public static DagSpec Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return DagReader.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException($"this is not the canonical JSON of a DAG: {e.Message}", e);
        }
    }

    /// <summary>The content hash that names a version: SHA-256 of the canonical JSON in UTF-8, as lower-case hex.</summary>
    public static string Hash(string canonicalJson) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalJson)));
}
