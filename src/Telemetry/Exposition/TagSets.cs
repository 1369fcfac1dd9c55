using System.Diagnostics.CodeAnalysis;

namespace OrleansFlow.Telemetry.Exposition;

/// <summary>Compares sets of tags, whatever their order, and finds one by a span of tags without making anything. Values compare as objects.</summary>
internal sealed class TagSets
    : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
{
    /// <summary>The one instance.</summary>
    public static readonly TagSets Comparer = new();

    public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.AsSpan(), y));

    public int GetHashCode([DisallowNull] KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
    {
        if (alternate.Length != other.Length) return false;
        foreach (var tag in alternate)
            if (!Array.Exists(other, same => same.Key == tag.Key && Equals(same.Value, tag.Value))) return false;
        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = 0;
        foreach (var tag in alternate) hash ^= HashCode.Combine(tag.Key, tag.Value);
        return hash;
    }

    public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();
}
