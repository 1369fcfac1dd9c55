using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace OrleansFlow.Rpc.Wire;

/// <summary>
/// Reads messages with their five-byte prefix (flags, length) from a pipe. A message is held in the pipe until it is whole, as far as it has
/// come: an announced length costs nothing. Not thread-safe.
/// </summary>
/// <param name="pipe">Where the bytes come from.</param>
/// <param name="limit">Of one message, packed or not, in bytes.</param>
/// <param name="endFlag">A flag that marks the last frame, which is no message; zero where the protocol has none.</param>
internal sealed class FrameReader(PipeReader pipe, int limit, byte endFlag = 0)
{
    public const int PrefixSize = 5;
    public const byte CompressedFlag = 1;

    private const int LongestReason = 300;

    private SequencePosition _end;
    private bool _held;

    /// <summary>The payload of the frame read last, until the next read.</summary>
    public ReadOnlySequence<byte> Payload { get; private set; }

    public byte Flags { get; private set; }

    public bool IsEnd => endFlag != 0 && (Flags & endFlag) != 0;

    /// <summary>Set when the other side announced that it packs with gzip.</summary>
    public bool MayDecompress { get; set; }

    /// <summary>The next frame into <see cref="Payload"/>; false at the end.</summary>
    /// <exception cref="RpcException">The frame is none, cut off, or too large.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        Release();
        while (true)
        {
            var result = await pipe.ReadAsync(cancellation);
            var buffer = result.Buffer;
            if (buffer.Length >= PrefixSize && TryTake(buffer)) return true;
            if (result.IsCanceled) throw new OperationCanceledException(cancellation);
            if (result.IsCompleted)
            {
                var cutOff = buffer.Length;
                pipe.AdvanceTo(buffer.End);
                return cutOff == 0 ? false : throw new RpcException(RpcCode.Internal, $"The stream ended inside a message, after {cutOff} bytes of it.") { IsConnectionLost = true };
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>The payload as a message, unpacked when it is packed.</summary>
    /// <exception cref="RpcException">It is no such message, or unpacks to more than the limit.</exception>
    public T Parse<T>(MessageCodec codec, MessageParser<T> parser) where T : IMessage<T>
    {
        if ((Flags & CompressedFlag) == 0) return ParseMessage(codec, parser, Payload);
        if (!MayDecompress) throw new RpcException(RpcCode.Internal, "A message says that it is compressed, but no header says how.");
        using var unpacked = Unpack(Payload, limit);
        return ParseMessage(codec, parser, unpacked.Sequence);
    }

    /// <summary>Unpacks up to a limit; the caller disposes.</summary>
    /// <exception cref="RpcException">No gzip, or too large.</exception>
    public static PooledBuffer Unpack(in ReadOnlySequence<byte> packed, int limit)
    {
        var unpacked = new PooledBuffer(limit);
        try
        {
            Gzip.Decompress(packed, unpacked);
            return unpacked;
        }
        catch (Exception error)
        {
            unpacked.Dispose();
            throw error switch
            {
                SizeLimitException => TooLarge("more than that once unpacked", limit),
                InvalidDataException => new RpcException(RpcCode.Internal, "A message says that it is compressed with gzip, but it is not."),
                _ => error,
            };
        }
    }

    /// <exception cref="RpcException">It is no such message.</exception>
    public static T ParseMessage<T>(MessageCodec codec, MessageParser<T> parser, in ReadOnlySequence<byte> bytes) where T : IMessage<T>
    {
        try
        {
            return codec.Parse(bytes, parser);
        }
        catch (IOException error)
        {
            // binary comes from programs, and then the wire is broken; JSON comes from people
            var code = codec == MessageCodec.Proto ? RpcCode.Internal : RpcCode.InvalidArgument;
            // it may quote the message, which may be large
            var why = error.Message.Length <= LongestReason ? error.Message : error.Message[..LongestReason] + "...";
            throw new RpcException(code, $"The message cannot be read as {codec.Name} of its type: {why}", inner: error);
        }
    }

    public static RpcException TooLarge(string what, int limit) =>
        new(RpcCode.ResourceExhausted, $"A message may have {limit} bytes; this one has {what}.") { ExceededLimit = limit };

    /// <summary>Lets go of the frame read last, or of what came instead of one; <see cref="Payload"/> is gone.</summary>
    public void Release()
    {
        if (!_held) return;
        _held = false;
        Payload = default;
        pipe.AdvanceTo(_end);
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer)
    {
        // a message that is refused is let go of with all that has come
        (_end, _held) = (buffer.End, true);
        Span<byte> prefix = stackalloc byte[PrefixSize];
        buffer.Slice(0, PrefixSize).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if ((prefix[0] & ~(CompressedFlag | endFlag)) != 0)
        {
            throw new RpcException(RpcCode.Internal, $"A message begins with the flags 0x{prefix[0]:X2}, which this protocol does not know.");
        }

        if (length > (uint)limit) throw TooLarge(length.ToString(System.Globalization.CultureInfo.InvariantCulture), limit);
        _held = buffer.Length - PrefixSize >= length;
        if (!_held) return false;
        Flags = prefix[0];
        Payload = buffer.Slice(PrefixSize, length);
        _end = Payload.End;
        return true;
    }
}
