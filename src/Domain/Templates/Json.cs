using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansFlow.Domain.Templates;

/// <summary>Small words for JSON values.</summary>
internal static class Json
{
    // the text goes to programs and files, never into HTML
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonElement Null = JsonElement.Parse("null");
    public static readonly JsonElement True = JsonElement.Parse("true");
    public static readonly JsonElement False = JsonElement.Parse("false");

    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    public static JsonElement Number(int number) => JsonSerializer.SerializeToElement(number);

    public static JsonElement Bool(bool value) => value ? True : False;

    public static JsonElement List(IEnumerable<JsonElement> items) => JsonSerializer.SerializeToElement(items);

    /// <summary>Compact JSON.</summary>
    public static string Write(JsonElement value) => JsonSerializer.Serialize(value, Plain);

    /// <summary>What a template puts into its text: strings raw, all else as compact JSON.</summary>
    public static string Show(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : Write(value);

    /// <summary>What a value is, for messages: <c>the text 'abc'</c>, <c>a list</c>, ...</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String when value.GetString() is { Length: <= 40 } text => $"the text '{text}'",
        JsonValueKind.String => "a long text",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        _ => Write(value),
    };
}
