using System.Buffers.Binary;
using System.Text;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Paging;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// What a watcher has of a run, in little: the version of the run's row, and for each of a few buckets of task instances the sum of their
/// versions. Versions only grow and rows never go, so a sum is the same exactly when nothing in its bucket has changed: no commit is missed,
/// however late it comes, at any host. Immutable; pure and thread-safe.
/// </summary>
internal sealed class RunCursor
{
    /// <summary>How many buckets there are: of a run with fewer tasks most have one of their own.</summary>
    public const int Buckets = 64;

    private const byte Form = 1;

    /// <summary>More text than this is no cursor of ours.</summary>
    private const int Longest = 4096;

    private readonly long[] _sums;

    private RunCursor(long run, long[] sums)
    {
        Run = run;
        _sums = sums;
    }

    /// <summary>The version of the run's row.</summary>
    public long Run { get; }

    /// <summary>The cursor of a run.</summary>
    /// <param name="run">The version of its row.</param>
    /// <param name="sums">The sums of the versions by bucket; copied.</param>
    public static RunCursor Of(long run, ReadOnlySpan<long> sums) => new(run, sums.ToArray());

    /// <summary>The bucket of a task instance: the same in every process.</summary>
    public static int BucketOf(TaskKey task)
    {
        var hash = 2166136261u;
        foreach (var c in task.Label) hash = (hash ^ c) * 16777619u;
        return (int)(hash % Buckets);
    }

    /// <summary>Whether anything in a bucket has changed since.</summary>
    public bool Differs(int bucket, RunCursor now) => _sums[bucket] != now._sums[bucket];

    /// <summary>Whether it knows of something that <paramref name="now"/> does not: it was made by somebody who has seen more.</summary>
    public bool IsAheadOf(RunCursor now) => Run > now.Run || _sums.Where((sum, bucket) => sum > now._sums[bucket]).Any();

    /// <summary>As text, bound to its run.</summary>
    public string Write(RunId run)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            writer.Write(Form);
            writer.Write(Binding(run));
            writer.Write7BitEncodedInt64(Run);
            foreach (var sum in _sums) writer.Write7BitEncodedInt64(sum);
        }

        return PageToken.Base64Url(bytes.ToArray());
    }

    /// <summary>Reads one; null for none.</summary>
    /// <exception cref="Rpc.RpcException">It is none, or of another run.</exception>
    public static RunCursor? Read(RunId run, string text)
    {
        if (text.Length == 0) return null;
        try
        {
            if (text.Length > Longest || PageToken.FromBase64Url(text) is not { } bytes) throw ApiError.PageToken();
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadByte() != Form || reader.ReadUInt32() != Binding(run)) throw ApiError.PageToken();
            var version = reader.Read7BitEncodedInt64();
            var sums = new long[Buckets];
            for (var i = 0; i < Buckets; i++) sums[i] = reader.Read7BitEncodedInt64();
            return reader.BaseStream.Position == bytes.Length ? new RunCursor(version, sums) : throw ApiError.PageToken();
        }
        catch (Exception wrong) when (wrong is EndOfStreamException or FormatException)
        {
            throw ApiError.PageToken();
        }
    }

    internal static uint Binding(RunId run) =>
        BinaryPrimitives.ReadUInt32LittleEndian(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(run.Value)));
}
