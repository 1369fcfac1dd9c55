using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Api.Mapping;

/// <summary>Instants as the well-known types have them.</summary>
internal static class Times
{
    public static Timestamp ToProto(this DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    public static Timestamp? ToProto(this DateTimeOffset? at) => at is { } instant ? Timestamp.FromDateTimeOffset(instant) : null;
}
