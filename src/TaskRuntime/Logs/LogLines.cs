using System.Buffers;
using System.Text;

namespace OrleansFlow.TaskRuntime.Logs;

/// <summary>
/// Cuts the bytes of one stream into records <c>2024-01-01T00:00:00.123Z out text</c>: one per line, valid UTF-8, no control
/// characters but tab, escape and carriage return. A piece that goes on the line before it says <c>out+</c>: lines longer than
/// 16 KiB and lines that were shown before their end came in several pieces.
/// </summary>
internal sealed class LogLines(string source)
{
    private const int MaxPiece = 16 * 1024;
    private static readonly SearchValues<byte> Unwanted =
        SearchValues.Create([.. Enumerable.Range(0, 32).Except([9, 10, 13, 27]).Append(127).Select(b => (byte)b)]);

    private readonly ArrayBufferWriter<byte> _pending = new(256);
    private readonly byte[] _first = Encoding.ASCII.GetBytes($" {source} ");
    private readonly byte[] _more = Encoding.ASCII.GetBytes($" {source}+ ");
    private bool _continues;

    /// <summary>Whether the beginning of a line waits for its end.</summary>
    public bool HasPending => _pending.WrittenCount > 0;

    /// <summary>Takes bytes as they were read, and hands out the records that are complete.</summary>
    public void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            while (_pending.WrittenCount + line.Length > MaxPiece)
            {
                var room = MaxPiece - _pending.WrittenCount;
                _pending.Write(line[..room]);
                line = line[room..];
                EmitPiece(time, records);
            }

            _pending.Write(line);
            if (end >= 0) EmitLine(time, records);
        }
    }

    /// <summary>Hands out the beginning of a line although its end has not come.</summary>
    public void EmitPending(ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        if (HasPending) EmitPiece(time, records);
    }

    /// <summary>Hands out all there is: nothing more will come.</summary>
    public void Complete(ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        if (HasPending) EmitLine(time, records);
    }

    private void EmitLine(ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        var line = _pending.WrittenSpan;
        Emit(line is [.., (byte)'\r'] ? line[..^1] : line, time, records);
        _pending.ResetWrittenCount();
        _continues = false;
    }

    private void EmitPiece(ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        var whole = WholeCharacters(_pending.WrittenSpan);
        if (whole == 0) return;
        var rest = _pending.WrittenSpan[whole..].ToArray();
        Emit(_pending.WrittenSpan[..whole], time, records);
        _pending.ResetWrittenCount();
        _pending.Write(rest);
        _continues = true;
    }

    private void Emit(ReadOnlySpan<byte> text, ReadOnlySpan<byte> time, IBufferWriter<byte> records)
    {
        records.Write(time);
        records.Write(_continues ? _more : _first);
        if (text.ContainsAny(Unwanted) || !System.Text.Unicode.Utf8.IsValid(text))
            records.Write(Encoding.UTF8.GetBytes(Readable(Encoding.UTF8.GetString(text))));
        else
            records.Write(text);
        records.Write("\n"u8);
    }

    private static string Readable(string text) =>
        string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = from[i] < 128 && Unwanted.Contains((byte)from[i]) ? '\uFFFD' : from[i];
        });

    // the length without the bytes of a character whose rest has not been read yet
    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var b = text[^back];
            if ((b & 0xC0) == 0x80) continue;
            var needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
            return needed > back ? text.Length - back : text.Length;
        }

        return text.Length;
    }
}
