using OrleansFlow.DagFiles;

namespace OrleansFlow.Tests.Unit.DagFiles;

/// <summary>One folder per case: a file, and what is said about it.</summary>
public class CasesTests
{
    private static readonly string Cases = GoldenFiles.Folder("tests", "Unit", "DagFiles", "Cases");

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Cases).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void File_IsJudged_AsExpected(string name)
    {
        var file = DagFile.Parse(File.ReadAllBytes(Path.Combine(Cases, name, "dag.yaml")), "dag.yaml");

        file.IsValid.ShouldBe(name.StartsWith("valid", StringComparison.Ordinal));
        GoldenFiles.ShouldMatch(string.Join('\n', file.Problems), Path.Combine(Cases, name, "expected.txt"));
    }
}
