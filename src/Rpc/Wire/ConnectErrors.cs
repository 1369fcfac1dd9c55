using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Rpc.Wire;

/// <summary>Errors as JSON, as the Connect protocol writes them.</summary>
internal static class ConnectErrors
{
    // nothing of it gets into a page: it is sent as JSON, and people read it in terminals
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of a unary call that failed.</summary>
    public static void WriteError(PooledBuffer target, RpcException error)
    {
        using var json = new Utf8JsonWriter(target, s_readable);
        Write(json, error);
    }

    /// <summary>The last frame of a stream.</summary>
    public static void WriteEnd(PooledBuffer target, RpcException? error, IEnumerable<KeyValuePair<string, string>> trailers)
    {
        using var json = new Utf8JsonWriter(target, s_readable);
        json.WriteStartObject();
        if (error is not null)
        {
            json.WritePropertyName("error");
            Write(json, error);
        }

        var groups = trailers.GroupBy(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal).ToList();
        if (groups.Count > 0)
        {
            json.WriteStartObject("metadata");
            foreach (var group in groups)
            {
                json.WriteStartArray(group.Key);
                foreach (var value in group) json.WriteStringValue(value);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RpcException error)
    {
        json.WriteStartObject();
        json.WriteString("code", ConnectCodes.Name(error.Code));
        if (error.Message.Length > 0) json.WriteString("message", error.Message);
        if (error.Details.Count > 0)
        {
            json.WriteStartArray("details");
            foreach (var detail in error.Details) WriteDetail(json, detail);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteDetail(Utf8JsonWriter json, IMessage detail)
    {
        json.WriteStartObject();
        if (detail is Any any)
        {
            json.WriteString("type", Any.GetTypeName(any.TypeUrl));
            json.WriteString("value", BinaryValue.Encode(any.Value.Span));
        }
        else
        {
            json.WriteString("type", detail.Descriptor.FullName);
            json.WriteString("value", BinaryValue.Encode(detail.ToByteArray()));
            if (ForPeople(detail) is { } debug)
            {
                json.WritePropertyName("debug");
                json.WriteRawValue(debug);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>For those who read it in curl; programs read the value. Null where it holds types that only its maker knows.</summary>
    private static string? ForPeople(IMessage detail)
    {
        try
        {
            return JsonFormatter.Default.Format(detail);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
