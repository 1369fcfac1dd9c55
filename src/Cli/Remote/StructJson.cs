using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Remote;

/// <summary>
/// Writes values of the API as canonical JSON. By hand: the formatter of messages reads the descriptors of the whole API first, which takes longer
/// than many a command.
/// </summary>
internal static class StructJson
{
    /// <summary>An object, its keys sorted.</summary>
    public static void Write(Utf8JsonWriter writer, Struct value)
    {
        writer.WriteStartObject();
        foreach (var name in value.Fields.Keys.Order(StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            Write(writer, value.Fields[name]);
        }

        writer.WriteEndObject();
    }

    /// <summary>Any value.</summary>
    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            case Value.KindOneofCase.NumberValue when !double.IsFinite(value.NumberValue):
                // no JSON, but binary messages can hold it
                writer.WriteStringValue(value.NumberValue.ToString(CultureInfo.InvariantCulture));
                break;
            case Value.KindOneofCase.NumberValue:
                CanonicalJson.WriteNumber(writer, value.NumberValue);
                break;
            case Value.KindOneofCase.StringValue:
                writer.WriteStringValue(value.StringValue);
                break;
            case Value.KindOneofCase.ListValue:
                writer.WriteStartArray();
                foreach (var item in value.ListValue.Values) Write(writer, item);
                writer.WriteEndArray();
                break;
            case Value.KindOneofCase.StructValue:
                Write(writer, value.StructValue);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
