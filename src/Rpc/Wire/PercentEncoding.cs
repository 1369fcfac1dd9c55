using System.Text;

namespace OrleansFlow.Rpc.Wire;

/// <summary>The value of <c>grpc-message</c>: UTF-8 in which everything but printable ASCII, and the percent sign, is written as %XX.</summary>
internal static class PercentEncoding
{
    private const string Cut = "...";
    private const string Hex = "0123456789ABCDEF";

    /// <summary>The beginning of a text that is no longer than so many characters once it is encoded, and says that it is cut off.</summary>
    public static string Shorten(string text, int limit)
    {
        if (Encode(text).Length <= limit) return text;
        var length = 0;
        for (var room = limit - Cut.Length; length < text.Length;)
        {
            var width = char.IsSurrogatePair(text, length) ? 2 : 1;
            room -= Encode(text.Substring(length, width)).Length;
            if (room < 0) break;
            length += width;
        }

        return text[..length] + Cut;
    }

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%') result.Append((char)b);
            else result.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }

        return result.ToString();
    }

    /// <summary>What is no valid escape stays as it is: a message is never lost over its form.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var source = Encoding.UTF8.GetBytes(text);
        var result = new byte[source.Length];
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                result[length++] = (byte)(Nibble(source[i + 1]) << 4 | Nibble(source[i + 2]));
                i += 2;
            }
            else
            {
                result[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(result, 0, length);
    }

    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
