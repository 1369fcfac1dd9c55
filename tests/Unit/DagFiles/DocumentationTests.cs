using System.Text;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;
using OrleansFlow.DagFiles.Fields;

namespace OrleansFlow.Tests.Unit.DagFiles;

public class DocumentationTests
{
    private static readonly string Page = GoldenFiles.Folder("docs", "dag-file.md");

    [Fact]
    public void PublishedSchema_IsTheGeneratedOne() =>
        GoldenFiles.ShouldMatch(DagSchema.Generate(), GoldenFiles.Folder("docs", "dag.schema.json"));

    [Fact]
    public void ReferencePage_HoldsTheFieldTables()
    {
        const string begin = "The tables below are made from the tables that the parser reads by.\n";
        var text = File.ReadAllText(Page);
        var written = text[..(text.IndexOf(begin, StringComparison.Ordinal) + begin.Length)];

        GoldenFiles.ShouldMatch(written + Tables(), Page);
    }

    [Fact]
    public void ReferencePage_ShowsADagThatIsValid()
    {
        var text = File.ReadAllText(Page);
        var from = text.IndexOf("```yaml\n", StringComparison.Ordinal) + 8;
        var sample = text[from..text.IndexOf("```", from, StringComparison.Ordinal)];

        DagFile.Parse(Encoding.UTF8.GetBytes(sample), "docs/dag-file.md").Problems.ShouldBeEmpty();
    }

    [Fact]
    public void EveryWordOfOtherTools_LeadsToAField()
    {
        string[] known =
        [
            .. TaskFields.Table.Fields.Select(f => $"task.{f.Name}"), .. DagFields.Dag.Fields.Select(f => $"dag.{f.Name}"),
            .. DagFields.Group.Fields.Select(f => $"group.{f.Name}"), .. ScheduleKinds.Fields.Fields.Select(f => $"schedule.{f.Name}"),
        ];

        OtherTools.All.Where(word => !known.Contains($"{word.Scope}.{word.Ours}")).ShouldBeEmpty();
        OtherTools.All.Where(word => known.Contains($"{word.Scope}.{word.Theirs}")).ShouldBeEmpty();
    }

    [Fact]
    public void NoField_IsBothAvailableAndNot() =>
        NotYet.Fields.Where(field => field.Scope == "task" && TaskFields.Table.Fields.Any(f => f.Name == field.Name)).ShouldBeEmpty();

    [Fact]
    public void GivingADefault_ChangesNothing()
    {
        var plain = DagFile.Parse("dag: d\ntasks: { t: { command: [x] }, s: { script: x } }"u8, "plain").Spec.ShouldNotBeNull();
        foreach (var field in TaskFields.Table.Fields.Where(field => field.Default is not null))
        {
            var text = $"dag: d\ndefaults: {{ {field.Name}: {field.Default!.ToJsonString()} }}\ntasks: {{ t: {{ command: [x] }}, s: {{ script: x }} }}";
            var said = DagFile.Parse(Encoding.UTF8.GetBytes(text), field.Name);
            said.Problems.ShouldBeEmpty();
            OrleansFlow.Domain.Dags.CanonicalJson.Write(said.Spec!).ShouldBe(OrleansFlow.Domain.Dags.CanonicalJson.Write(plain), field.Name);
        }
    }

    private static string Tables()
    {
        var page = new StringBuilder();
        Table(page, "A DAG", DagFields.Dag);
        Table(page, "A schedule", ScheduleKinds.Fields);
        Table(page, "A group", DagFields.Group);
        Table(page, "A task", TaskFields.Table);

        page.Append("\n## Not available yet\n\nPart of the format, refused by this version:\n\n| field | of a | what it is for |\n|---|---|---|\n");
        foreach (var field in NotYet.Fields) page.Append($"| `{field.Name}` | {field.Scope} | {field.Purpose} |\n");
        page.Append("| `map` over an xcom | task | maps over what another task returned |\n");
        return page.ToString();
    }

    private static void Table<T>(StringBuilder page, string title, FieldTable<T> table)
    {
        page.Append($"\n## {title}\n\n| field | value | default | |\n|---|---|---|---|\n");
        foreach (var field in table.Fields)
            page.Append($"| `{field.Name}` | {field.Type} | {Show(field.Default)} | {field.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
    }

    private static string Show(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.GetValueKind() == System.Text.Json.JsonValueKind.String => $"`{text.GetValue<string>()}`",
        _ => $"`{value.ToJsonString().Replace(",", ", ", StringComparison.Ordinal)}`",
    };
}
