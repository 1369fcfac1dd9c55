using System.Globalization;
using System.Text;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Api.Logs;

/// <summary>Reads the log of one attempt record by record, from a place on; knows the place behind each record. Not thread-safe.</summary>
internal sealed class LogTail(ILogStore logs, DagId dag, AttemptKey attempt, long offset)
{
    private const int PieceBytes = 64 * 1024;
    private readonly string _name = ResourceNames.Of(attempt);

    /// <summary>The place behind the last record that was read, in bytes.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>The next records, about 64 KiB of them; empty when there are none for now.</summary>
    /// <param name="ended">Nothing more will be written: what lacks its line end is a record too.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<LogRecord>> ReadAsync(bool ended, int most, CancellationToken cancellation)
    {
        for (var size = PieceBytes; ; size *= 2)
        {
            var piece = await logs.ReadAsync(dag, attempt, Offset, size, cancellation);
            var records = Split(piece.Bytes.Span, most);
            if (records.Count > 0) return records;
            // A line that is longer than the piece: records are short, but a log may be anything.
            if (piece.Bytes.Length == size) continue;
            if (!ended || piece.Bytes.IsEmpty) return [];
            Offset = piece.Next;
            return [Parse(piece.Bytes.Span)];
        }
    }

    /// <summary>Goes to where the last records begin.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task SkipToTailAsync(int count, CancellationToken cancellation)
    {
        var starts = new Queue<long>();
        var (at, start) = (Offset, Offset);
        while (true)
        {
            var piece = await logs.ReadAsync(dag, attempt, at, PieceBytes, cancellation);
            if (piece.Bytes.IsEmpty) break;
            for (var rest = piece.Bytes; ;)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                if (end < 0) break;
                Note(start);
                start = piece.Next - (rest.Length - end - 1);
                rest = rest[(end + 1)..];
            }

            at = piece.Next;
        }

        if (at > start) Note(start);
        Offset = starts.TryPeek(out var first) ? first : start;

        void Note(long place)
        {
            starts.Enqueue(place);
            if (starts.Count > count) starts.Dequeue();
        }
    }

    private List<LogRecord> Split(ReadOnlySpan<byte> bytes, int most)
    {
        var records = new List<LogRecord>();
        while (records.Count < most && bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            records.Add(Parse(bytes[..end]));
            Offset += end + 1;
            bytes = bytes[(end + 1)..];
        }

        return records;
    }

    private LogRecord Parse(ReadOnlySpan<byte> bytes)
    {
        var line = Encoding.UTF8.GetString(bytes);
        var plain = new LogRecord { Attempt = _name, Text = line };
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) return plain;
        var continues = parts[1].EndsWith('+');
        if (SourceOf(continues ? parts[1][..^1] : parts[1]) is not { } source) return plain;
        return new LogRecord
        {
            Attempt = _name,
            WriteTime = at.ToProto(),
            Source = source,
            Continues = continues,
            Text = parts.Length == 3 ? parts[2] : "",
        };
    }

    private static LogSource? SourceOf(string word) => word switch
    {
        "out" => LogSource.Stdout,
        "err" => LogSource.Stderr,
        "flow" => LogSource.Flow,
        _ => null,
    };
}
