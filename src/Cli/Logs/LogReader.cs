using System.Text;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Logs;

/// <summary>Lines of an attempt's log.</summary>
internal static class LogReader
{
    private const int TailBytes = 64 * 1024;
    private const int LineBytes = 4 * 1024;

    /// <summary>The last lines, at most 64 KiB of them.</summary>
    public static async Task<IReadOnlyList<string>> TailAsync(ITaskLogs logs, Attempt attempt, int lines, CancellationToken cancellation)
    {
        var all = await LinesFromEndAsync(logs, attempt, TailBytes, cancellation);
        return [.. all.Skip(Math.Max(0, all.Count - lines))];
    }

    /// <summary>The last line that says something; null when there is none.</summary>
    public static async Task<string?> LastLineAsync(ITaskLogs logs, Attempt attempt, CancellationToken cancellation) =>
        (await LinesFromEndAsync(logs, attempt, LineBytes, cancellation)).LastOrDefault(l => !string.IsNullOrWhiteSpace(l));

    private static async Task<IReadOnlyList<string>> LinesFromEndAsync(
        ITaskLogs logs, Attempt attempt, int bytes, CancellationToken cancellation)
    {
        var length = (await logs.ReadAsync(attempt, long.MaxValue, 0, cancellation)).Length;
        if (length == 0) return [];
        var from = Math.Max(0, length - bytes);
        var piece = await logs.ReadAsync(attempt, from, bytes, cancellation);
        var lines = new LineSplitter();
        List<string> all = [.. lines.Add(piece.Bytes.Span), .. lines.End()];
        if (from > 0 && all.Count > 1) all.RemoveAt(0);
        return all;
    }
}

/// <summary>Makes lines of the pieces of a UTF-8 stream. What is no UTF-8 becomes replacement characters, control characters go.</summary>
internal sealed class LineSplitter
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();

    /// <summary>The lines that a further piece completes.</summary>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, chars, flush: false);
        var lines = new List<string>();
        foreach (var c in chars)
        {
            if (c == '\n') lines.Add(Take());
            else if (c is '\t' or '\u001b' || !char.IsControl(c)) _rest.Append(c);
        }

        return lines;
    }

    /// <summary>What is left when nothing more comes.</summary>
    public IReadOnlyList<string> End() => _rest.Length == 0 ? [] : [Take()];

    private string Take()
    {
        var line = _rest.ToString();
        _rest.Clear();
        return line;
    }
}
