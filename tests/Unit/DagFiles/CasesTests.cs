using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

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
        GoldenFiles.ShouldMatch(file.IsValid ? Readable(file.Spec) : string.Join('\n', file.Problems), Path.Combine(Cases, name, file.IsValid ? "expected.json" : "expected.txt"));
    }

    private static string Readable(DagSpec spec) =>
        JsonNode.Parse(CanonicalJson.Write(spec))!.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
