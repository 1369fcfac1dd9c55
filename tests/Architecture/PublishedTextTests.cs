using System.Text.RegularExpressions;

namespace OrleansFlow.Tests.Architecture;

/// <summary>What a reader of the repository sees must be true on his machine too.</summary>
public partial class PublishedTextTests
{
    private static readonly string[] Binary = [".png", ".ico", ".woff2", ".gz", ".zip", ".nupkg"];

    [Fact]
    public void NoFile_NamesAMachinePathOrARegistryHost()
    {
        // Spelt apart, so that this file does not find itself.
        string[] words = [Repository.Root + "/", "/wo" + "rk/", "/fa" + "rm/", "nuget" + ".org", "deb.deb" + "ian", "registry" + ".npm", ".w" + "hl"];
        Repository.Files.Where(path => !Binary.Contains(Path.GetExtension(path)))
            .SelectMany(path => File.ReadLines(Repository.PathOf(path))
                .Select((line, index) => (line, index))
                .Where(entry => words.Any(word => entry.line.Contains(word, StringComparison.OrdinalIgnoreCase)))
                .Select(entry => $"{path}:{entry.index + 1}: {entry.line.Trim()}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void CommandsOfTheReadme_Exist()
    {
        var literals = SourceCode.Of("Cli")
            .SelectMany(file => file.All<Microsoft.CodeAnalysis.CSharp.Syntax.LiteralExpressionSyntax>())
            .Select(literal => literal.Token.ValueText)
            .ToHashSet(StringComparer.Ordinal);
        var commands = FlowCommand().Matches(Repository.Text("README.md")).Select(match => match.Groups[1].Value).Distinct().ToList();

        commands.ShouldNotBeEmpty();
        commands.Where(command => !File.Exists(Repository.PathOf($"scripts/{command}.sh")) && !literals.Contains(command))
            .ShouldBeEmpty("neither a script nor a command of src/Cli");
    }

    [Fact]
    public void LinksBetweenPages_LeadSomewhere() =>
        Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(path => Link().Matches(Repository.Text(path))
                .Select(match => match.Groups[1].Value)
                .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Exists(path, target))
                .Select(target => $"{path}: {target}"))
            .ShouldBeEmpty();

    private static bool Exists(string page, string target)
    {
        var path = Repository.PathOf(Path.Combine(Path.GetDirectoryName(page) ?? "", target.Split('#')[0]));
        return target.StartsWith('#') || File.Exists(path) || Directory.Exists(path);
    }

    /// <summary>A line of a shell block, or a word of it in running text.</summary>
    [GeneratedRegex(@"(?:^|[`$ ])\./flow ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex FlowCommand();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
