using System.IO.Compression;
using System.Text;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Watching;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Logs;

/// <summary>
/// How far a stream of logs has come: the place in the log of each attempt that it reads from, and which attempts it is done with. Not thread-safe.
/// </summary>
internal sealed class LogCursor
{
    /// <summary>More text than this is no cursor of ours.</summary>
    private const int Longest = 1024 * 1024;

    /// <summary>It may unpack to a thousand times its length: this is as much as is unpacked.</summary>
    private const int LongestUnpacked = 8 * 1024 * 1024;

    private const int MostPlaces = 100_000;

    private readonly SortedDictionary<AttemptKey, long> _places = [];

    private FinishedAttempts _finished = new();

    /// <summary>The attempts that were read from and are not done with.</summary>
    public IReadOnlyDictionary<AttemptKey, long> Places => _places;

    /// <summary>Notes how far an attempt's log was read.</summary>
    public void Set(AttemptKey attempt, long offset) => _places[attempt] = offset;

    /// <summary>Whether an attempt is done with.</summary>
    public bool IsFinished(AttemptKey attempt) => _finished.EpochOf(attempt.Task) >= attempt.Epoch;

    /// <summary>An attempt is done with, and those before it are.</summary>
    public void Finish(AttemptKey attempt)
    {
        _finished.Add(attempt.Task, attempt.Epoch);
        for (var epoch = attempt.Epoch; epoch > 0; epoch--) _places.Remove(attempt with { Epoch = epoch });
    }

    /// <summary>As text, bound to its run.</summary>
    public string Write(RunId run)
    {
        using var bytes = new MemoryStream();
        using (var packed = new DeflateStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(packed))
        {
            writer.Write(RunCursor.Binding(run));
            _finished.Write(writer);
            writer.Write7BitEncodedInt(_places.Count);
            foreach (var (attempt, offset) in _places)
            {
                writer.Write(attempt.Task.Task.Value);
                writer.Write7BitEncodedInt(attempt.Task.MapIndex + 1);
                writer.Write7BitEncodedInt(attempt.Epoch);
                writer.Write7BitEncodedInt64(offset);
            }
        }

        return PageToken.Base64Url(bytes.ToArray());
    }

    /// <summary>Reads one; an empty one for none.</summary>
    /// <exception cref="Rpc.RpcException">It is none, or of another run.</exception>
    public static LogCursor Read(RunId run, string text)
    {
        var cursor = new LogCursor();
        if (text.Length == 0) return cursor;
        if (text.Length > Longest || PageToken.FromBase64Url(text) is not { } bytes) throw ApiError.PageToken();
        try
        {
            using var reader = new BinaryReader(Unpack(bytes));
            if (reader.ReadUInt32() != RunCursor.Binding(run)) throw ApiError.PageToken();
            cursor._finished = FinishedAttempts.Read(reader, ReadId);
            var left = reader.Read7BitEncodedInt();
            if (left is < 0 or > MostPlaces) throw ApiError.PageToken();
            for (; left > 0; left--)
            {
                var task = new TaskKey(run, new TaskId(ReadId(reader)), reader.Read7BitEncodedInt() - 1);
                var (epoch, offset) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64());
                if (task.MapIndex < TaskKey.NotMapped || epoch < 1 || offset < 0) throw ApiError.PageToken();
                cursor.Set(new AttemptKey(task, epoch), offset);
            }

            return cursor;
        }
        catch (Exception wrong) when (wrong is EndOfStreamException or FormatException or InvalidDataException or IOException)
        {
            throw ApiError.PageToken();
        }
    }

    private static MemoryStream Unpack(byte[] bytes)
    {
        using var packed = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (packed.Read(piece) is > 0 and var read)
        {
            if (unpacked.Length + read > LongestUnpacked) throw ApiError.PageToken();
            unpacked.Write(piece, 0, read);
        }

        unpacked.Position = 0;
        return unpacked;
    }

    // Not ReadString, which believes any length.
    private static string ReadId(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        if (length is < 1 or > IdRules.MaxLength) throw ApiError.PageToken();
        var id = Encoding.ASCII.GetString(reader.ReadBytes(length));
        return IdRules.Problem(id) is null ? id : throw ApiError.PageToken();
    }
}
