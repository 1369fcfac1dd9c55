using System.Text.Json;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Tests.Unit.Domain.Templates;

/// <summary>A scope and its values, for tests of templates and conditions.</summary>
internal static class TemplateFacts
{
    public static readonly TemplateScope Scope = new()
    {
        Params = ["bucket", "x-y", "n", "ratio", "flag", "files", "nested", "nothing", "unset"],
        UpstreamTasks = new HashSet<TaskId>
        {
            new("fetch"), new("group"), new("group.train"), new("group.train.deep"), new("1st-task"), new("mapped"),
        },
        IsMapped = true,
        MapAs = "file",
    };

    public static readonly TemplateContext Context = new()
    {
        Scope = Scope,
        Dag = new DagId("credit"),
        Run = new RunId("manual-1"),
        Task = new TaskId("publish"),
        Epoch = 3,
        LogicalDate = new DateTimeOffset(2024, 1, 5, 6, 7, 8, TimeSpan.Zero),
        DataIntervalStart = new DateTimeOffset(2024, 1, 5, 0, 0, 0, TimeSpan.Zero),
        DataIntervalEnd = new DateTimeOffset(2024, 1, 6, 1, 0, 0, TimeSpan.FromHours(1)),
        Params = JsonElement.Parse("""
            { "bucket": "ml-Artifacts", "x-y": "dash", "n": 5, "ratio": 0.50, "flag": true, "files": ["a.csv", "b.csv"],
              "nested": { "deep": [ { "k": "v" } ] }, "nothing": null }
            """),
        Xcoms = new Dictionary<XcomReference, JsonElement>
        {
            [new(new("fetch"), "rows")] = JsonElement.Parse("20000"),
            [new(new("fetch"), "a-key")] = JsonElement.Parse("\"dashed\""),
            [new(new("group.train"), "model")] = JsonElement.Parse("""{ "path": "m.pkl" }"""),
            [new(new("group.train.deep"), "key")] = JsonElement.Parse("\"deep\""),
            [new(new("1st-task"), "key")] = JsonElement.Parse("\"first\""),
            [new(new("mapped"), "size")] = JsonElement.Parse("[1, 2, 3]"),
        },
        MapItem = JsonElement.Parse("""{ "name": "é\u2013'x'" }"""),
        MapIndex = 2,
    };
}
