using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>The bytes of a file as text, or what is wrong with them.</summary>
internal static class SourceText
{
    /// <summary>The greatest size of a file.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>The text without its byte order mark; null after a problem was reported.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, Problems problems)
    {
        if (bytes.Length > MaxBytes)
            return Refuse(problems, $"the file is larger than 8 MiB: split it into several DAGs, or move data out of it");
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return Refuse(problems, "the file is UTF-16: save it as UTF-8");
        if (!Utf8.IsValid(bytes))
            return RefuseInvalid(bytes, problems);

        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        var text = Encoding.UTF8.GetString(bytes);
        // a table for IndexOfAny takes longer to make than most files to read
        var at = 0;
        while (at < text.Length && !IsForbidden(text[at])) at++;
        if (at == text.Length) return text;

        var (line, column) = Position(text.AsSpan(0, at));
        problems.Error(line, column, "", $"the control character U+{(int)text[at]:X4} is not allowed in YAML: remove it, or write it as an escape in double quotes");
        return null;
    }

    // YAML forbids them, and its scanner takes NUL for the end of the file.
    private static bool IsForbidden(char c) => c is (< ' ' and not ('\t' or '\n' or '\r')) or '\x7f' or '\xfffe' or '\xffff';

    private static string? RefuseInvalid(ReadOnlySpan<byte> bytes, Problems problems)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == OperationStatus.Done)
            offset += length;

        var (line, column) = Position(Encoding.UTF8.GetString(bytes[..offset]));
        problems.Error(line, column, "", $"the file is not UTF-8: byte 0x{bytes[offset]:X2} at offset {offset} begins no character. Save it as UTF-8");
        return null;
    }

    private static string? Refuse(Problems problems, string message)
    {
        problems.Error(1, 1, "", message);
        return null;
    }

    private static (int Line, int Column) Position(ReadOnlySpan<char> before)
    {
        var lastBreak = before.LastIndexOf('\n');
        return (before.Count('\n') + 1, before.Length - lastBreak);
    }
}
