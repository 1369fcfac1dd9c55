using Xunit.Abstractions;

namespace OrleansFlow.Tests.Architecture;

/// <summary>Small files and methods. The worst offenders are printed, so that they are seen before they break the limit.</summary>
public class SizeTests(ITestOutputHelper output)
{
    private const int FileLimit = 400;
    private const int MethodLimit = 70;

    /// <summary>
    /// What may be larger, and how large at most: path, or path and method. The ratchet: an entry only ever gets smaller, and goes once it is
    /// under the limit.
    /// </summary>
    private static readonly Dictionary<string, int> Allowances = new(StringComparer.Ordinal);

    [Fact]
    public void Files_StaySmall()
    {
        string[] kinds = [".cs", ".ts", ".tsx", ".py", ".sh"];
        Check(
            FileLimit,
            Repository.Files.Where(path => kinds.Contains(Path.GetExtension(path)))
                .Select(path => (path, File.ReadLines(Repository.PathOf(path)).Count())));
    }

    [Fact]
    public void Methods_StaySmall() =>
        Check(MethodLimit, SourceCode.Files.SelectMany(file => file.Bodies().Select(body => ($"{file.Path}:{body.Line} {body.Name}", body.Lines))));

    private void Check(int limit, IEnumerable<(string Name, int Lines)> measured)
    {
        var worst = measured.OrderByDescending(entry => entry.Lines).ToList();
        foreach (var (name, lines) in worst.Take(10))
        {
            output.WriteLine($"{lines,5} of {limit}  {name}");
        }

        worst.Where(entry => entry.Lines > Math.Max(limit, Allowances.GetValueOrDefault(Key(entry.Name))))
            .Select(entry => $"{entry.Name}: {entry.Lines} lines, the limit is {limit}")
            .ShouldBeEmpty();
        worst.Where(entry => Allowances.TryGetValue(Key(entry.Name), out var allowed) && entry.Lines < allowed)
            .Select(entry => $"{entry.Name}: has shrunk to {entry.Lines} lines, so its allowance shrinks or goes")
            .ShouldBeEmpty();
    }

    /// <summary>The line number is no part of an entry's key: it moves.</summary>
    private static string Key(string name) => System.Text.RegularExpressions.Regex.Replace(name, ":[0-9]+ ", " ");
}
