using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OrleansFlow.Api.Errors;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Paging;

/// <summary>
/// Where a page goes on: the key of the last row, bound to everything else that was asked. Opaque to callers, and no secret: it only keeps
/// them from going on with another question. Pure and thread-safe.
/// </summary>
internal static class PageToken
{
    private const int BindingBytes = 8;
    private const char Between = '\u001f';

    /// <summary>A token for the key of the last row.</summary>
    /// <param name="request">The request; its page token and size do not count.</param>
    /// <param name="key">The parts of the key.</param>
    public static string Write(IMessage request, params IEnumerable<string> key)
    {
        var text = Encoding.UTF8.GetBytes(string.Join(Between, key));
        return Base64Url([.. Binding(request), .. text]);
    }

    /// <summary>The parts of the key; null when the request begins.</summary>
    /// <param name="request">The request.</param>
    /// <param name="token">What it carries.</param>
    /// <param name="parts">How many there must be; 0: any number.</param>
    /// <exception cref="RpcException">The token is of another request.</exception>
    public static string[]? Read(IMessage request, string token, int parts = 0)
    {
        if (token.Length == 0) return null;
        if (FromBase64Url(token) is not { Length: >= BindingBytes } bytes || !bytes.AsSpan(0, BindingBytes).SequenceEqual(Binding(request)))
            throw ApiError.PageToken();
        var key = Encoding.UTF8.GetString(bytes.AsSpan(BindingBytes)).Split(Between);
        var isOurs = (parts == 0 || key.Length == parts) && !key.Any(part => part.Any(char.IsControl));
        return isOurs ? key : throw ApiError.PageToken();
    }

    /// <summary>Bytes as text that needs no escaping anywhere.</summary>
    public static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>The bytes; null when the text is none.</summary>
    public static byte[]? FromBase64Url(string text)
    {
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Fields in the order of their numbers: equal requests give equal bytes.
    private static byte[] Binding(IMessage request)
    {
        var copy = request.Descriptor.Parser.ParseFrom(request.ToByteString());
        foreach (var name in (string[])["page_token", "page_size"])
            copy.Descriptor.FindFieldByName(name)?.Accessor.Clear(copy);
        return SHA256.HashData([.. Encoding.ASCII.GetBytes(copy.Descriptor.FullName), .. copy.ToByteArray()])[..BindingBytes];
    }
}
