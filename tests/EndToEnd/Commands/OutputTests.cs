using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Commands;

/// <summary>Every command in every format; standard output carries the result and nothing else.</summary>
public class OutputTests
{
    [Fact]
    public async Task EveryCommand_WritesOneDocument_InEachFormat()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { script: 'echo hello' }, b: { needs: [a], script: 'exit 1' } }\n");
        await flow.OkAsync("dags", "apply", file);
        (await flow.RunAsync(file)).State.ShouldBe("failed");

        string[][] commands =
        [
            ["validate", file], ["schema"], ["version"], ["migrate"],
            ["dags", "apply", file], ["dags", "list"], ["dags", "show", "one"], ["dags", "diff", file], ["dags", "pause", "one"], ["dags", "unpause", "one"],
            ["runs", "list"], ["runs", "show", "@latest"], ["tasks", "list", "@latest"], ["tasks", "show", "@latest", "a"],
            ["logs", "@latest"], ["logs", "@latest", "a"], ["why", "@latest", "b"], ["pools", "list"], ["runs", "cancel", "@latest"],
        ];
        foreach (var command in commands)
        {
            var name = string.Join(' ', command);
            using var json = JsonDocument.Parse((await flow.OkAsync([.. command, "-o", "json"])).Out);
            json.RootElement.ValueKind.ShouldBeOneOf(JsonValueKind.Array, JsonValueKind.Object);
            var yaml = (await flow.OkAsync([.. command, "--output", "yaml"])).Out;
            yaml.ShouldNotBeEmpty(name);
            yaml.TrimStart()[0].ShouldNotBe('{', name);
            var table = await flow.OkAsync([.. command, "-o", "table"]);
            if (name != "dags diff " + file) table.Out.ShouldNotBeEmpty(name);
            table.Everything.ShouldNotContain("\u001b[");
        }
    }

    [Fact]
    public async Task ReaderThatGoesAway_EndsTheProgramQuietly()
    {
        await using var flow = new Installation();
        await flow.RunAsync(flow.Dag("long.yaml", "dag: long\ntasks: { a: { script: 'seq 200000' } }\n"));
        var program = await FlowProgram.FileAsync();
        var info = await FlowProgram.DescribeAsync([]);
        info.FileName = "/bin/bash";
        info.Environment["FLOW_DATA_DIR"] = flow.Data;
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add("\"$0\" logs @latest a | head -n 1; echo \"${PIPESTATUS[0]}\"; \"$0\" schema | true; echo \"${PIPESTATUS[0]}\"");
        info.ArgumentList.Add(program);

        var outcome = await FlowProcess.Start(info).EndAsync();

        outcome.Out.ShouldBe("1\n0\n0\n", outcome.Everything);
        outcome.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Schema_IsThePublishedOne_AndHelpIsOfferedEverywhere()
    {
        await using var flow = new Installation();

        using var printed = JsonDocument.Parse((await flow.OkAsync("schema")).Out);
        using var published = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(FlowProgram.Root, "docs", "dag.schema.json")));
        JsonElement.DeepEquals(printed.RootElement, published.RootElement).ShouldBeTrue();

        string[] commands = ["", "run", "validate", "schema", "dags", "dags apply", "runs", "runs watch", "tasks clear", "logs", "why", "pools set", "migrate", "version"];
        foreach (var command in commands)
            (await flow.OkAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Out.ShouldContain("--output");
        Directory.Exists(flow.Data).ShouldBeFalse("none of these opens the store");
    }

    [Fact]
    public async Task Quiet_LeavesOnlyTheResult()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { noop: {} } }\n");

        var outcome = await flow.OkAsync("run", file, "-q", "-o", "json");

        outcome.Error.ShouldBeEmpty();
        RunView.Read(outcome.Out).State.ShouldBe("success");
    }
}
