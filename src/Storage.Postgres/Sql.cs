using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace OrleansFlow.Storage.Postgres;

/// <summary>
/// The named statements of the embedded <c>.sql</c> files: <c>-- name: X</c> begins one, and <c>{x}</c> stands for the text of another.
/// </summary>
internal static partial class Sql
{
    private static readonly FrozenDictionary<string, string> Statements = Load();

    /// <summary>A statement by its name.</summary>
    public static string Of(string name) => Statements[name];

    private static FrozenDictionary<string, string> Load()
    {
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in typeof(Sql).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("sql/", StringComparison.Ordinal)))
            foreach (Match section in Section().Matches(Read(resource)))
                sections.Add(section.Groups["name"].Value, WithoutComments(section.Groups["text"].Value));
        return sections.ToFrozenDictionary(
            section => section.Key,
            section => Reference().Replace(section.Value, match => sections[match.Groups["name"].Value]),
            StringComparer.Ordinal);
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(typeof(Sql).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    private static string WithoutComments(string text) =>
        string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal))).Trim();

    [GeneratedRegex(@"^-- name: (?<name>\w+)\n(?<text>.*?)(?=^-- name: |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex Reference();
}
