using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansFlow.Standalone.Serving;

/// <summary>As much of HTTP/2 as it takes to answer one call with a status of gRPC. Pure and thread-safe.</summary>
internal static class Http2Refusal
{
    /// <summary>The type of frames that begin a call.</summary>
    public const byte HeadersFrame = 1;

    /// <summary>The type of frames of settings that are not yet acknowledged; an acknowledgement is none of these.</summary>
    public const byte SettingsFrame = 4;

    private const byte GoAwayFrame = 7;
    private const byte Ack = 1;
    private const byte EndStreamAndHeaders = 5;
    private const int HeadSize = 9;
    private const int LongestText = 126;

    /// <summary>Settings as they are.</summary>
    public static ReadOnlyMemory<byte> Settings { get; } = Frame(SettingsFrame, 0, 0, []);

    /// <summary>The caller's settings are known.</summary>
    public static ReadOnlyMemory<byte> SettingsAck { get; } = Frame(SettingsFrame, Ack, 0, []);

    /// <summary>Takes a whole frame off the beginning, if there is one.</summary>
    /// <param name="bytes">What is left.</param>
    /// <param name="kind">Its type; 0 for acknowledgements.</param>
    /// <param name="stream">Its stream.</param>
    public static bool TryTake(ref ReadOnlySequence<byte> bytes, out byte kind, out int stream)
    {
        (kind, stream) = (0, 0);
        if (bytes.Length < HeadSize) return false;
        Span<byte> head = stackalloc byte[HeadSize];
        bytes.Slice(0, HeadSize).CopyTo(head);
        var length = head[0] << 16 | head[1] << 8 | head[2];
        if (bytes.Length - HeadSize < length) return false;
        kind = head[3] == SettingsFrame && (head[4] & Ack) != 0 ? (byte)0 : head[3];
        stream = BinaryPrimitives.ReadInt32BigEndian(head[5..]) & int.MaxValue;
        bytes = bytes.Slice(HeadSize + length);
        return true;
    }

    /// <summary>The answer to a call, and that no further one is taken.</summary>
    public static ReadOnlyMemory<byte> Unimplemented(int stream, string text)
    {
        byte[] headers =
        [
            // the eighth entry of the static table: ":status: 200"
            0x88, .. Field("content-type", "application/grpc"), .. Field("grpc-status", "12"), .. Field("grpc-message", text),
        ];
        var last = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(last, stream);
        return (byte[])[.. Frame(HeadersFrame, EndStreamAndHeaders, stream, headers), .. Frame(GoAwayFrame, 0, 0, last)];
    }

    private static byte[] Frame(byte kind, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[HeadSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | kind);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, HeadSize);
        return frame;
    }

    // A field that neither side remembers, without compression.
    private static byte[] Field(string name, string value) => [0, .. Text(name), .. Text(value)];

    private static byte[] Text(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text.Length <= LongestText ? text : text[..LongestText]);
        return [(byte)bytes.Length, .. bytes];
    }
}
