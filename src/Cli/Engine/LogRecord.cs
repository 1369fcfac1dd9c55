using System.Globalization;
using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Engine;

/// <summary>
/// A line of a log as it is stored: <c>2024-01-01T00:00:00.123Z out text</c>, where <c>out</c>, <c>err</c> or <c>flow</c> says who speaks
/// and <c>out+</c> goes on the record before.
/// </summary>
/// <param name="At">When it was written; null when the record says nothing about it.</param>
/// <param name="Source">Who speaks; null when the record says nothing about it.</param>
/// <param name="Continues">Whether it goes on the line of the record before.</param>
/// <param name="Text">What was written.</param>
internal sealed record LogRecord(DateTimeOffset? At, string? Source, bool Continues, string Text)
{
    /// <summary>Reads a record; what is none is a text.</summary>
    public static LogRecord Parse(string line)
    {
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            return new LogRecord(null, null, false, line);
        var continues = parts[1].EndsWith('+');
        var source = continues ? parts[1][..^1] : parts[1];
        return source is "out" or "err" or "flow"
            ? new LogRecord(at, source, continues, parts.Length == 3 ? parts[2] : "")
            : new LogRecord(null, null, false, line);
    }

    /// <summary>For people: the text; what OrleansFlow itself says is marked.</summary>
    public string Plain => Source == "flow" ? $"[flow] {Text}" : Text;

    /// <summary>For the curious: the time and who speaks before the text.</summary>
    public string Verbose => At is { } at ? $"{Words.Iso(at)} {Source} {Text}" : Text;
}
