using System.Buffers.Text;

namespace OrleansFlow.Rpc.Wire;

/// <summary>Bytes as a value of a header: base64, sent without padding, received with or without.</summary>
internal static class BinaryValue
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>False when the text is no base64.</summary>
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        var body = text.AsSpan().TrimEnd('=');
        if (body.Length % 4 == 1) return false;
        var padded = string.Concat(body, "===".AsSpan(0, (4 - body.Length % 4) % 4));
        if (!Base64.IsValid(padded)) return false;
        bytes = Convert.FromBase64String(padded);
        return true;
    }

    /// <summary>The alphabet of URLs, padded or not, as query parameters carry it. False when it is none.</summary>
    public static bool TryDecodeUrl(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text)) return false;
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
