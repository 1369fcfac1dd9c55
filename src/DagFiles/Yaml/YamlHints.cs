using YamlDotNet.Core;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>Says what to do about YAML that cannot be read: the scanner knows the rule that was broken, rarely the reason.</summary>
internal static class YamlHints
{
    public static string Explain(YamlException problem, string text)
    {
        var line = Line(text, (int)problem.Start.Line);
        var hint = line.AsSpan().TrimStart(' ').StartsWith('\t')
            ? ". The line is indented with a tab: YAML wants spaces"
            : line.Contains("{{", StringComparison.Ordinal)
                ? ". A value with a template must stand in quotes: \"{{ ... }}\""
                : "";
        return problem.Message.TrimEnd('.') + hint;
    }

    private static string Line(string text, int number)
    {
        using var reader = new StringReader(text);
        var line = reader.ReadLine();
        for (var i = 1; i < number && line is not null; i++)
            line = reader.ReadLine();
        return line ?? "";
    }
}
