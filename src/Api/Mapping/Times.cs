using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Api.Mapping;

/// <summary>Instants and JSON as the well-known types have them.</summary>
internal static class Times
{
    public static Timestamp ToProto(this DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    public static Timestamp? ToProto(this DateTimeOffset? at) => at is { } instant ? Timestamp.FromDateTimeOffset(instant) : null;

    /// <summary>A JSON object; null for none.</summary>
    public static Struct? ToStruct(string? json) => string.IsNullOrEmpty(json) ? null : Struct.Parser.ParseJson(json);

    /// <summary>Any JSON value; null for none.</summary>
    public static Value? ToValue(string? json) => string.IsNullOrEmpty(json) ? null : Value.Parser.ParseJson(json);
}
