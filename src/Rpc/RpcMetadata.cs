using System.Collections;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc;

/// <summary>
/// Key-value pairs beside the messages: headers and trailers of a call. Keys are lower case, of <c>0-9 a-z _ - .</c>, and may repeat. Values are
/// printable ASCII; under a key that ends in <c>-bin</c> any bytes. Keys that begin with <c>grpc-</c> or <c>connect-</c> belong to the protocols.
/// Not thread-safe.
/// </summary>
public sealed class RpcMetadata : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <summary>How many pairs there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The first value of a key; null when there is none.</summary>
    /// <param name="key">The key, in any case.</param>
    public string? this[string key] => Values(key).FirstOrDefault();

    /// <summary>Adds a text value.</summary>
    /// <param name="key">A key that does not end in <c>-bin</c>.</param>
    /// <param name="value">Printable ASCII.</param>
    /// <exception cref="ArgumentException">The key or the value cannot be sent.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        key = CheckedKey(key);
        if (MetadataKeys.IsBinary(key)) throw new ArgumentException($"'{key}' ends in -bin: its values are bytes.", nameof(key));
        if (!MetadataKeys.IsTextValue(value))
        {
            throw new ArgumentException($"The value of '{key}' has characters other than printable ASCII: use a key that ends in -bin.", nameof(value));
        }

        _entries.Add(new(key, value));
    }

    /// <summary>Adds a binary value.</summary>
    /// <param name="key">A key that ends in <c>-bin</c>.</param>
    /// <param name="value">Any bytes.</param>
    /// <exception cref="ArgumentException">The key cannot be sent.</exception>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        key = CheckedKey(key);
        if (!MetadataKeys.IsBinary(key)) throw new ArgumentException($"'{key}' does not end in -bin: its values are text.", nameof(key));
        _entries.Add(new(key, BinaryValue.Encode(value)));
    }

    /// <summary>All values of a key, in order, as they are on the wire.</summary>
    /// <param name="key">The key, in any case.</param>
    public IEnumerable<string> Values(string key)
    {
        foreach (var entry in _entries)
        {
            if (string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase)) yield return entry.Value;
        }
    }

    /// <summary>The bytes of the first value of a key that ends in <c>-bin</c>; null when there is none, or it is no base64.</summary>
    /// <param name="key">The key, in any case.</param>
    public byte[]? Binary(string key) => this[key] is { } text && BinaryValue.TryDecode(text, out var bytes) ? bytes : null;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds what came over the wire: values of binary keys may be joined by commas, and what cannot be metadata is left out.</summary>
    internal void AddReceived(string key, string value)
    {
        key = MetadataKeys.Lower(key);
        if (!MetadataKeys.IsBinary(key))
        {
            _entries.Add(new(key, value));
            return;
        }

        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries)) _entries.Add(new(key, part));
    }

    private static string CheckedKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        key = MetadataKeys.Lower(key);
        if (!MetadataKeys.IsKey(key)) throw new ArgumentException($"'{key}' is no key of metadata: 0-9, a-z, '_', '-' and '.' are.", nameof(key));
        if (MetadataKeys.IsReserved(key)) throw new ArgumentException($"'{key}' belongs to the protocol and is set by it.", nameof(key));
        return key;
    }
}
