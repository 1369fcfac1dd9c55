using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansFlow.TaskRuntime.Contract;

/// <summary>What keys and values of xcoms may be, whichever way they come.</summary>
internal static class XcomValues
{
    /// <summary>The greatest length of a key.</summary>
    public const int MaxKeyLength = 250;

    /// <summary>How values are read.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a key can be one.</summary>
    public static bool IsKey(string key) => key.Length is > 0 and <= MaxKeyLength && !key.Any(char.IsControl);

    /// <summary>A value as compact JSON.</summary>
    /// <exception cref="OutputProblemException">It cannot be stored.</exception>
    public static string Read(string key, JsonElement value)
    {
        CheckStorable(key, value);
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Compact)) value.WriteTo(writer);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>The parser's words without its position, which it appends in words of its own.</summary>
    public static string Sentence(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
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
}
