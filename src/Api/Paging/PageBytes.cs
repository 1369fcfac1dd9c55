using Google.Protobuf;
using Google.Protobuf.Collections;

namespace OrleansFlow.Api.Paging;

/// <summary>Pages end by their size in bytes too: rows may be large, and clients take 4 MiB. Pure and thread-safe.</summary>
internal static class PageBytes
{
    /// <summary>Where a page, or a part of a stream, ends.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>Fills a page, with one message at least.</summary>
    /// <param name="page">The page.</param>
    /// <param name="messages">What is to be on it.</param>
    /// <returns>How many fitted.</returns>
    public static int Fill<T>(RepeatedField<T> page, IEnumerable<T> messages) where T : IMessage<T>
    {
        var bytes = 0;
        foreach (var message in messages)
        {
            bytes += message.CalculateSize();
            if (page.Count > 0 && bytes > Most) break;
            page.Add(message);
        }

        return page.Count;
    }
}
