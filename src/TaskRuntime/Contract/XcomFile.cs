using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.TaskRuntime.Contract;

/// <summary>Reads <c>$FLOW_XCOM</c>: a JSON object, each key an xcom.</summary>
internal static class XcomFile
{
    private const long MaxFileBytes = 16 * 1024 * 1024;
    private const int MaxKeyLength = 250;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The xcoms, each as compact JSON; none when the file is absent or empty.</summary>
    /// <exception cref="OutputProblemException">The file is not what it should be.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string path, CancellationToken cancellation)
    {
        if (Directory.Exists(path)) throw new OutputProblemException("$FLOW_XCOM is a folder; write a file with one JSON object.");
        var file = new FileInfo(path);
        // whatever is no file would have to be read to its end, which may never come
        if (file.Exists && Libc.FileType(path) != Libc.RegularFile)
            throw new OutputProblemException("$FLOW_XCOM is no regular file (a pipe, socket or device); write a file with one JSON object.");
        if (!file.Exists || file.Length == 0) return new Dictionary<string, string>();
        if (file.Length > MaxFileBytes)
            throw new OutputProblemException(
                $"$FLOW_XCOM holds {file.Length:N0} bytes, at most {MaxFileBytes:N0} are read: " +
                "write large data to a file in $FLOW_OUTPUTS and name it in inputs of the tasks that read it.");

        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellation), Strict);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new OutputProblemException(string.Create(
                CultureInfo.InvariantCulture,
                $"$FLOW_XCOM is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Sentence(e)} (NaN and Infinity are not JSON.)"));
        }
        catch (InvalidOperationException)
        {
            throw new OutputProblemException("$FLOW_XCOM holds text that is not valid Unicode: half of a surrogate pair (\\udxxx) stands alone.");
        }
    }

    private static Dictionary<string, string> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new OutputProblemException(
                $"$FLOW_XCOM holds a JSON {Kind(root)}, not an object: write for instance {{\"result\": ...}}.");

        var xcoms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name.Length is 0 or > MaxKeyLength || property.Name.Any(char.IsControl))
                throw new OutputProblemException(
                    $"$FLOW_XCOM has the key '{property.Name}': keys have 1 to {MaxKeyLength} characters, none of them a control character.");
            CheckStorable(property.Name, property.Value);
            xcoms.Add(property.Name, Encoding.UTF8.GetString(ToCompact(property.Value)));
        }

        return xcoms;
    }

    // what PostgreSQL's jsonb refuses has to be refused here, where the task can be told
    private static void CheckStorable(string key, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    CheckText(key, property.Name);
                    CheckStorable(key, property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) CheckStorable(key, item);
                break;
            case JsonValueKind.String:
                CheckText(key, value.GetString()!);
                break;
            case JsonValueKind.Number when !value.TryGetDouble(out var number) || !double.IsFinite(number):
                throw new OutputProblemException($"the xcom '{key}' holds the number {value.GetRawText()}, which is too large.");
        }
    }

    private static void CheckText(string key, string text)
    {
        if (text.Contains('\0'))
            throw new OutputProblemException($"the xcom '{key}' holds the character \\u0000, which cannot be stored.");
    }

    private static byte[] ToCompact(JsonElement value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Compact)) value.WriteTo(writer);
        return bytes.ToArray();
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    // the parser appends its position in its own words; ours is in front already
    private static string Sentence(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }
}

/// <summary>What a task left cannot be committed; the message becomes <c>ExitReport.OutputProblem</c>.</summary>
internal sealed class OutputProblemException(string message) : Exception(message);
