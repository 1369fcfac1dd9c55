using YamlDotNet.Core;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>Says what to do about YAML that cannot be read: the scanner knows the rule that was broken, rarely the reason.</summary>
internal static class YamlHints
{
    public static (int Line, int Column, string Message) Explain(YamlException problem, string text)
    {
        var (line, column) = (Math.Max(1, (int)problem.Start.Line), Math.Max(1, (int)problem.Start.Column));
        var message = problem.Message.TrimEnd('.');
        var lines = Lines(text).ToList();

        // where a tab stands in the way, the scanner points at the beginning of what it is in
        var tab = lines.FindIndex(Math.Min(line, lines.Count) - 1, each => each.TrimStart(' ').StartsWith('\t'));
        if (tab >= 0 && (tab == line - 1 || message.Contains("tab", StringComparison.OrdinalIgnoreCase)))
            return (tab + 1, lines[tab].IndexOf('\t', StringComparison.Ordinal) + 1, "the line is indented with a tab: YAML wants spaces");

        return lines[Math.Min(line, lines.Count) - 1].Contains("{{", StringComparison.Ordinal)
            ? (line, column, $"{message}. A value with a template must stand in quotes: \"{{{{ ... }}}}\"")
            : (line, column, message);
    }

    private static IEnumerable<string> Lines(string text)
    {
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
