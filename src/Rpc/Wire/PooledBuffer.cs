using System.Buffers;

namespace OrleansFlow.Rpc.Wire;

/// <summary>A growing buffer on pooled memory. With a limit it refuses to grow past it (<see cref="SizeLimitException"/>).</summary>
internal sealed class PooledBuffer(int limit = int.MaxValue) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public ReadOnlySequence<byte> Sequence => new(_bytes, 0, Length);

    public void Advance(int count)
    {
        if (count > limit - Length) throw new SizeLimitException();
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int sizeHint)
    {
        var wanted = Length + (long)Math.Max(sizeHint, 1);
        if (wanted <= _bytes.Length) return;
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(wanted, 2L * _bytes.Length)));
        Written.CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}

/// <summary>More bytes came than a limit allows.</summary>
internal sealed class SizeLimitException : Exception;
