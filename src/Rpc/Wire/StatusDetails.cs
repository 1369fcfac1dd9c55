using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Rpc.Wire;

/// <summary>The value of <c>grpc-status-details-bin</c>: a <c>google.rpc.Status</c>.</summary>
internal static class StatusDetails
{
    public const string Header = "grpc-status-details-bin";

    /// <summary>Null when there are no details to carry.</summary>
    public static string? Encode(RpcCode code, string message, IReadOnlyList<IMessage> details)
    {
        if (details.Count == 0) return null;
        var status = new Status { Code = (int)code, Message = message };
        status.Details.AddRange(details.Select(detail => detail as Any ?? Any.Pack(detail)));
        return BinaryValue.Encode(status.ToByteArray());
    }

    /// <summary>Nothing where the value is damaged: the status itself matters more.</summary>
    public static IReadOnlyList<IMessage> Decode(string? value)
    {
        if (value is null || !BinaryValue.TryDecode(value, out var bytes)) return [];
        try
        {
            return [.. Status.Parser.ParseFrom(bytes).Details];
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }
}
