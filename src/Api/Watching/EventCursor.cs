using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Paging;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// How far somebody has come in the history of a run: everything up to a number that is settled, and some events beyond it. An event that
/// commits late lies beyond what is settled, and is not among them. Pure and thread-safe.
/// </summary>
/// <param name="Settled">Everything up to it was sent.</param>
/// <param name="Beyond">What was sent beyond it, in order.</param>
internal sealed record EventCursor(long Settled, IReadOnlyList<long> Beyond)
{
    /// <summary>More text than this is no cursor of ours: what is not settled is of a few seconds.</summary>
    private const int Longest = 256 * 1024;
    /// <summary>The most events beyond what is settled.</summary>
    public const int MostBeyond = 10_000;

    /// <summary>From the beginning.</summary>
    public static readonly EventCursor Start = new(0, []);

    /// <summary>
    /// A cursor of what was sent. With very many events beyond what is settled, the older ones count as settled: nothing can be so late as to
    /// be overtaken by all the others.
    /// </summary>
    /// <param name="settled">Everything up to it was sent.</param>
    /// <param name="beyond">What was sent beyond it, in order.</param>
    public static EventCursor Of(long settled, IReadOnlyList<long> beyond) => beyond.Count <= MostBeyond
        ? new EventCursor(settled, beyond)
        : new EventCursor(beyond[^(MostBeyond + 1)], [.. beyond.TakeLast(MostBeyond)]);

    /// <summary>As text, bound to its run.</summary>
    public string Write(RunId run)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            writer.Write(RunCursor.Binding(run));
            writer.Write7BitEncodedInt64(Settled);
            var last = Settled;
            foreach (var sequence in Beyond)
            {
                writer.Write7BitEncodedInt64(sequence - last);
                last = sequence;
            }
        }

        return PageToken.Base64Url(bytes.ToArray());
    }

    /// <summary>Reads one; null for none.</summary>
    /// <exception cref="Rpc.RpcException">It is none, or of another run.</exception>
    public static EventCursor? Read(RunId run, string text)
    {
        if (text.Length == 0) return null;
        try
        {
            if (text.Length > Longest || PageToken.FromBase64Url(text) is not { } bytes) throw ApiError.PageToken();
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadUInt32() != RunCursor.Binding(run)) throw ApiError.PageToken();
            var settled = reader.Read7BitEncodedInt64();
            if (settled < 0) throw ApiError.PageToken();
            var (beyond, last) = (new List<long>(), settled);
            while (reader.BaseStream.Position < bytes.Length)
            {
                var step = reader.Read7BitEncodedInt64();
                if (step <= 0 || step > long.MaxValue - last || beyond.Count == MostBeyond) throw ApiError.PageToken();
                beyond.Add(last += step);
            }

            return new EventCursor(settled, beyond);
        }
        catch (Exception wrong) when (wrong is EndOfStreamException or FormatException)
        {
            throw ApiError.PageToken();
        }
    }
}
