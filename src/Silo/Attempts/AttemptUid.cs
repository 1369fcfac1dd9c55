using System.Buffers.Binary;

namespace OrleansFlow.Silo.Attempts;

/// <summary>
/// The uid of an attempt names its home: the seat (<c>host.epoch</c>) of the silo that launches it, in the last 48 bits, where UUIDs of version 1
/// have their node (RFC 9562, version 8 with a layout of our own). It is committed with the intent, so that whoever has to do with the
/// attempt later knows where its process is, or that it is gone with its silo. The other bits are chance.
/// </summary>
internal static class AttemptUid
{
    private const int HomeAt = 10;
    private const long Largest = (1L << 48) - 1;

    /// <summary>A uid.</summary>
    /// <param name="chance">A random one.</param>
    /// <param name="home">The epoch of the home's seat.</param>
    public static Guid Of(Guid chance, long home)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(home, Largest);
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> epoch = stackalloc byte[8];
        chance.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(epoch, home);
        epoch[2..].CopyTo(bytes[HomeAt..]);
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The epoch of its home. Of a uid that was made otherwise it is a number that no seat has.</summary>
    public static long HomeOf(Guid uid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uid.TryWriteBytes(bytes, bigEndian: true, out _);
        Span<byte> epoch = stackalloc byte[8];
        bytes[HomeAt..].CopyTo(epoch[2..]);
        return BinaryPrimitives.ReadInt64BigEndian(epoch);
    }
}
