using System.Globalization;
using System.Text.Json;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.TaskRuntime.Contract;

/// <summary>Reads <c>$FLOW_XCOM</c>: a JSON object, each key an xcom.</summary>
internal static class XcomFile
{
    private const long MaxFileBytes = 16 * 1024 * 1024;

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
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellation), XcomValues.Strict);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new OutputProblemException(string.Create(
                CultureInfo.InvariantCulture,
                $"$FLOW_XCOM is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {XcomValues.Sentence(e)} (NaN and Infinity are not JSON.)"));
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
            if (!XcomValues.IsKey(property.Name))
                throw new OutputProblemException(
                    $"$FLOW_XCOM has the key '{property.Name}': keys have 1 to {XcomValues.MaxKeyLength} characters, none of them a control character.");
            xcoms.Add(property.Name, XcomValues.Read(property.Name, property.Value));
        }

        return xcoms;
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };
}

/// <summary>What a task left cannot be committed; the message becomes <c>ExitReport.OutputProblem</c>.</summary>
internal sealed class OutputProblemException(string message) : Exception(message);
