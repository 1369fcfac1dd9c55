using System.Buffers;

namespace OrleansFlow.Rpc.Wire;

/// <summary>Which headers are metadata, and what may stand in them.</summary>
internal static class MetadataKeys
{
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");

    /// <summary>Headers of HTTP itself, which no call may set and no handler needs to see.</summary>
    private static readonly HashSet<string> Http = new(StringComparer.Ordinal)
    {
        "te", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "host", "accept-encoding",
        "keep-alive", "upgrade", "proxy-connection", "trailer", "date", "server",
    };

    public static string Lower(string key)
    {
        foreach (var c in key)
        {
            if (char.IsAsciiLetterUpper(c)) return key.ToLowerInvariant();
        }

        return key;
    }

    public static bool IsKey(string key) => key.Length > 0 && !key.AsSpan().ContainsAnyExcept(KeyCharacters);

    public static bool IsBinary(string key) => key.EndsWith("-bin", StringComparison.Ordinal);

    /// <summary>Belongs to HTTP or to one of the protocols. Expects lower case.</summary>
    public static bool IsReserved(string key) =>
        key.StartsWith("grpc-", StringComparison.Ordinal) || key.StartsWith("connect-", StringComparison.Ordinal) || key[0] == ':' || Http.Contains(key);

    public static bool IsTextValue(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
