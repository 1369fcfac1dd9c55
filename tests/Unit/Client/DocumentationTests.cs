using System.Text.RegularExpressions;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Client;

/// <summary>The C# snippets of the documentation compile: each is a part of the samples that are built with these tests.</summary>
public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("client.md")]
    [InlineData("api.md")]
    public void EverySnippet_IsPartOfASample(string page)
    {
        var samples = Directory.GetFiles(GoldenFiles.Folder("samples", "client-csharp"), "*.cs").Select(File.ReadAllText).Select(Bare).ToList();
        var snippets = Snippet().Matches(File.ReadAllText(GoldenFiles.Folder("docs", page))).Select(match => match.Groups[1].Value).ToList();

        snippets.Count.ShouldBeGreaterThan(4);
        snippets.Where(snippet => !samples.Any(sample => sample.Contains(Bare(snippet), StringComparison.Ordinal))).ShouldBeEmpty();
    }

    private static string Bare(string code) => Blank().Replace(code, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
