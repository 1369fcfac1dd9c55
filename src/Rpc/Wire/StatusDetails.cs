using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansFlow.Rpc.Wire;

/// <summary>The value of <c>grpc-status-details-bin</c>: a <c>google.rpc.Status</c>.</summary>
internal static class StatusDetails
{
    public const string Header = "grpc-status-details-bin";

    /// <summary>
    /// With the message, the greatest size in bytes before they are written as text: clients refuse a response whose headers have more than 8 KiB
    /// in all, and then the caller would learn nothing.
    /// </summary>
    private const int MaxBytes = 4608;

    /// <summary>Null when there are no details to carry. Those that make it too large are left out: the reason comes first.</summary>
    public static string? Encode(RpcCode code, string message, IReadOnlyList<IMessage> details)
    {
        if (details.Count == 0) return null;
        var status = new Status { Code = (int)code, Message = message };
        var left = MaxBytes - status.CalculateSize();
        foreach (var detail in details)
        {
            var packed = detail as Any ?? Any.Pack(detail);
            if (packed.CalculateSize() > left) continue;
            left -= packed.CalculateSize() + 4;
            status.Details.Add(packed);
        }

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
