using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Api.Mapping;

/// <summary>
/// JSON as the well-known types have it, both ways. Of what is stored, whatever they cannot carry goes as its text: an odd value must not take the
/// page with it that it is on.
/// </summary>
internal static class JsonValues
{
    // Clients read 100 levels of messages, and a level of JSON takes three. What is accepted is less deep.
    private const int Deepest = 25;

    private static readonly JsonDocumentOptions s_anyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>A stored JSON object; null for none.</summary>
    public static Struct? ToStruct(string? json) => ToValue(json)?.StructValue;

    /// <summary>Any stored JSON value; null for none.</summary>
    public static Value? ToValue(string? json)
    {
        if (string.IsNullOrEmpty(json)) return null;
        using var document = JsonDocument.Parse(json, s_anyDepth);
        return ToValue(document.RootElement, 0);
    }

    /// <summary>What a message says, as JSON.</summary>
    /// <exception cref="InvalidOperationException">It holds a value of no kind, which only binary messages can.</exception>
    public static JsonObject Read(IMessage message) => JsonNode.Parse(JsonFormatter.Default.Format(message))!.AsObject();

    private static Value ToValue(JsonElement value, int depth)
    {
        try
        {
            return Carried(value, depth);
        }
        catch (InvalidOperationException)
        {
            // a text or a name that is half of a character
            return Value.ForString(value.GetRawText());
        }
    }

    private static Value Carried(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Null => Value.ForNull(),
        JsonValueKind.True or JsonValueKind.False => Value.ForBool(value.GetBoolean()),
        JsonValueKind.Number when double.IsFinite(value.GetDouble()) => Value.ForNumber(value.GetDouble()),
        JsonValueKind.String => Value.ForString(value.GetString()),
        JsonValueKind.Array when depth < Deepest => Value.ForList([.. value.EnumerateArray().Select(item => ToValue(item, depth + 1))]),
        JsonValueKind.Object when depth < Deepest => Value.ForStruct(ToStruct(value, depth + 1)),
        _ => Value.ForString(value.GetRawText()),
    };

    private static Struct ToStruct(JsonElement members, int depth)
    {
        var fields = new Struct();
        foreach (var member in members.EnumerateObject()) fields.Fields[member.Name] = ToValue(member.Value, depth);
        return fields;
    }
}
