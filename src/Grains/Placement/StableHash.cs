namespace OrleansFlow.Grains.Placement;

/// <summary>A hash that is the same in every process and release (FNV-1a, mixed).</summary>
internal static class StableHash
{
    /// <summary>The hash of a text.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return Mix(hash);
    }

    /// <summary>Spreads all bits of a number over all bits of another.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdUL;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return value ^ (value >> 33);
    }
}
