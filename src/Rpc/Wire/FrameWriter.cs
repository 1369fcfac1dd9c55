using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace OrleansFlow.Rpc.Wire;

/// <summary>Writes messages with their five-byte prefix.</summary>
internal static class FrameWriter
{
    /// <summary>Messages up to this many bytes are written in one piece.</summary>
    private const int OnePiece = 4096 - FrameReader.PrefixSize;

    /// <summary>Below this, packing costs more than it saves.</summary>
    public const int SmallestPacked = 256;

    /// <summary>Writes one message; returns how many bytes it took.</summary>
    public static int Write(IBufferWriter<byte> target, IMessage message, MessageCodec codec, bool compress)
    {
        if (codec == MessageCodec.Proto && !compress) return WriteProto(target, message);
        using var plain = new PooledBuffer();
        codec.Write(message, plain);
        if (!compress || plain.Length < SmallestPacked) return WriteFrame(target, 0, plain.Written.Span);
        using var packed = new PooledBuffer();
        Gzip.Compress(plain.Sequence, packed);
        return WriteFrame(target, FrameReader.CompressedFlag, packed.Written.Span);
    }

    public static int WriteFrame(IBufferWriter<byte> target, byte flags, ReadOnlySpan<byte> payload)
    {
        WritePrefix(target.GetSpan(FrameReader.PrefixSize), flags, payload.Length);
        target.Advance(FrameReader.PrefixSize);
        target.Write(payload);
        return FrameReader.PrefixSize + payload.Length;
    }

    private static int WriteProto(IBufferWriter<byte> target, IMessage message)
    {
        var size = message.CalculateSize();
        var whole = FrameReader.PrefixSize + size;
        if (size <= OnePiece)
        {
            var span = target.GetSpan(whole)[..whole];
            WritePrefix(span, 0, size);
            message.WriteTo(span[FrameReader.PrefixSize..]);
            target.Advance(whole);
        }
        else
        {
            WritePrefix(target.GetSpan(FrameReader.PrefixSize), 0, size);
            target.Advance(FrameReader.PrefixSize);
            message.WriteTo(target);
        }

        return whole;
    }

    private static void WritePrefix(Span<byte> target, byte flags, int length)
    {
        target[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)length);
    }
}
