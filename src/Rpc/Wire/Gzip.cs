using System.Buffers;
using System.IO.Compression;

namespace OrleansFlow.Rpc.Wire;

/// <summary>The one compression that is spoken, beside none.</summary>
internal static class Gzip
{
    public const string Name = "gzip";
    public const string Identity = "identity";

    /// <summary>Whether a list such as <c>identity,gzip;q=0.5</c> names it.</summary>
    public static bool IsAccepted(string? accepted)
    {
        if (accepted is null) return false;
        foreach (var range in accepted.AsSpan().Split(','))
        {
            var entry = accepted.AsSpan()[range].Trim();
            var semicolon = entry.IndexOf(';');
            if (!(semicolon < 0 ? entry : entry[..semicolon].TrimEnd()).Equals(Name, StringComparison.OrdinalIgnoreCase)) continue;
            return semicolon < 0 || !entry[(semicolon + 1)..].Trim().TrimEnd("0.").Equals("q=", StringComparison.OrdinalIgnoreCase);
        }

        return false;
    }

    public static void Compress(in ReadOnlySequence<byte> source, PooledBuffer target)
    {
        using var gzip = new GZipStream(new BufferStream(target), CompressionLevel.Fastest, leaveOpen: true);
        foreach (var segment in source) gzip.Write(segment.Span);
    }

    /// <summary>Never writes more than the target's limit, whatever the source claims.</summary>
    /// <exception cref="SizeLimitException">It unpacks to more than the target takes.</exception>
    /// <exception cref="InvalidDataException">It is no gzip, or cut off.</exception>
    public static void Decompress(in ReadOnlySequence<byte> source, PooledBuffer target)
    {
        using var gzip = new GZipStream(new SequenceStream(source), CompressionMode.Decompress);
        while (true)
        {
            var read = gzip.Read(target.GetSpan(4096));
            if (read == 0) break;
            target.Advance(read);
        }

        if (source.IsEmpty) throw new InvalidDataException("Nothing is no gzip.");
    }

    /// <summary>Writes into a buffer.</summary>
    private sealed class BufferStream(PooledBuffer target) : OneWayStream
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);
    }

    /// <summary>Reads a sequence.</summary>
    private sealed class SequenceStream(ReadOnlySequence<byte> source) : OneWayStream
    {
        private ReadOnlySequence<byte> _left = source;

        public override bool CanRead => true;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var taken = _left.Slice(0, Math.Min(buffer.Length, _left.Length));
            taken.CopyTo(buffer);
            _left = _left.Slice(taken.End);
            return (int)taken.Length;
        }
    }

    private abstract class OneWayStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
