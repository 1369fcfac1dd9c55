using System.Text;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Cli.Embedded;

/// <summary>Reads the log of one attempt record by record, from where it stopped the time before.</summary>
internal sealed class LogReader(ILogStore logs, DagId dag, AttemptKey attempt)
{
    private const int PieceBytes = 64 * 1024;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();
    private long _offset;

    /// <summary>Whether anything of it has been read.</summary>
    public bool IsEmpty => _offset == 0;

    /// <summary>What was begun and lacks its line end; null when there is nothing.</summary>
    public LogRecord? Unfinished => _rest.Length == 0 ? null : LogRecord.Parse(_rest.ToString());

    /// <summary>The records that have come since; empty when there are none.</summary>
    /// <param name="ended">Nothing more will be written: what lacks its line end is a record too.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<LogRecord> ReadAsync(
        bool ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var piece = await logs.ReadAsync(dag, attempt, _offset, PieceBytes, cancellation);
            if (piece.Bytes.IsEmpty) break;
            _offset = piece.Next;
            foreach (var line in Split(piece.Bytes.Span)) yield return LogRecord.Parse(line);
        }

        if (ended && _rest.Length > 0) yield return LogRecord.Parse(Take());
    }

    private List<string> Split(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, chars, flush: false);
        var lines = new List<string>();
        for (var rest = chars.AsSpan(); rest.Length > 0;)
        {
            var end = rest.IndexOf('\n');
            _rest.Append(end < 0 ? rest : rest[..end]);
            if (end < 0) break;
            lines.Add(Take());
            rest = rest[(end + 1)..];
        }

        return lines;
    }

    private string Take()
    {
        var line = _rest.ToString();
        _rest.Clear();
        return line;
    }
}
