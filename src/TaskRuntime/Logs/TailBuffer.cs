namespace OrleansFlow.TaskRuntime.Logs;

/// <summary>Keeps the last bytes of what it is given.</summary>
internal sealed class TailBuffer(int capacity)
{
    private readonly byte[] _ring = new byte[capacity];
    private long _total;

    /// <summary>How many bytes fell out at the front.</summary>
    public long Dropped => Math.Max(0, _total - capacity);

    /// <summary>Appends bytes; the oldest fall out.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > capacity)
        {
            _total += bytes.Length - capacity;
            bytes = bytes[^capacity..];
        }

        var at = (int)(_total % capacity);
        var first = Math.Min(bytes.Length, capacity - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        _total += bytes.Length;
    }

    /// <summary>What is kept, from the first line that is whole.</summary>
    public byte[] WholeLines()
    {
        if (_total <= capacity) return _ring[..(int)_total];
        var at = (int)(_total % capacity);
        byte[] bytes = [.. _ring.AsSpan(at), .. _ring.AsSpan(0, at)];
        return bytes[(bytes.AsSpan().IndexOf((byte)'\n') + 1)..];
    }
}
