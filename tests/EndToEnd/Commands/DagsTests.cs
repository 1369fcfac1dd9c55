using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Commands;

public class DagsTests
{
    [Fact]
    public async Task Apply_Show_Diff_Pause_AndTrigger_OfAFolder()
    {
        await using var flow = new Installation();
        flow.Dag("team/one.yaml", "dag: one\ndescription: The first\ntasks: { a: { script: 'echo {{ params.p }}' } }\nparams: { p: { type: string, default: d } }\n");
        flow.Dag("team/deep/two.yml", "dag: two\ntasks: { a: { noop: {} } }\n");
        flow.Dag("team/.hidden/three.yaml", "dag: three\n");
        var folder = Path.Combine(flow.Dags, "team");

        Changes(await JsonAsync(flow, "dags", "apply", folder, "--dry-run")).ShouldBe(["one created", "two created"], ignoreOrder: true);
        (await JsonAsync(flow, "dags", "list")).GetArrayLength().ShouldBe(0);
        Changes(await JsonAsync(flow, "dags", "apply", folder)).ShouldBe(["one created", "two created"], ignoreOrder: true);
        Changes(await JsonAsync(flow, "dags", "apply", folder)).ShouldBe(["one unchanged", "two unchanged"], ignoreOrder: true);
        (await JsonAsync(flow, "dags", "list")).EnumerateArray().Select(dag => Text(dag, "dag")).ShouldBe(["one", "two"]);

        var changed = flow.Dag("one.yaml", "dag: one\ndescription: Another\ntasks: { a: { script: 'echo {{ params.p }}' }, b: { noop: {} } }\nparams: { p: { type: string, default: d } }\n");
        var difference = await JsonAsync(flow, "dags", "diff", changed);
        difference.GetProperty("changes").EnumerateArray().Select(change => Text(change, "path")).ShouldContain("description");
        Changes(await JsonAsync(flow, "dags", "apply", changed, "--dry-run")).ShouldBe(["one updated"]);
        Changes(await JsonAsync(flow, "dags", "apply", changed)).ShouldBe(["one updated"]);
        var shown = await JsonAsync(flow, "dags", "show", "one");
        Text(shown, "description").ShouldBe("Another");
        shown.GetProperty("versions").GetArrayLength().ShouldBe(2);

        (await JsonAsync(flow, "dags", "pause", "one")).GetProperty("paused").GetBoolean().ShouldBeTrue();
        var waiting = RunView.Read((await flow.OkAsync("dags", "trigger", "one", "-p", "p=now", "-o", "json")).Out);
        waiting.State.ShouldBe("queued");
        (await JsonAsync(flow, "dags", "unpause", "one")).GetProperty("paused").GetBoolean().ShouldBeFalse();
        await flow.OkAsync("runs", "watch", waiting.Run);
        (await flow.OkAsync("logs", waiting.Run, "a")).Out.ShouldContain("now");

        (await flow.OkAsync("dags", "trigger", "one")).Out.ShouldContain("success");
        (await flow.FlowAsync("dags", "trigger", "one", "-p", "nothing=1")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task Run_OfAFile_LeavesTheScheduleAlone()
    {
        await using var flow = new Installation();
        var file = flow.Dag("yearly.yaml", "dag: yearly\nschedule: { every: 365d, start: 2020-01-01 }\ntasks: { a: { noop: {} } }\n");

        await flow.RunAsync(file);

        var dag = (await JsonAsync(flow, "dags", "list"))[0];
        dag.GetProperty("version").ValueKind.ShouldBe(JsonValueKind.Null);
        dag.GetProperty("nextFireAt").ValueKind.ShouldBe(JsonValueKind.Null);
        await flow.OkAsync("dags", "apply", file);
        (await JsonAsync(flow, "dags", "list"))[0].GetProperty("nextFireAt").ValueKind.ShouldBe(JsonValueKind.String);
    }

    private static async Task<JsonElement> JsonAsync(Installation flow, params string[] arguments) =>
        JsonDocument.Parse((await flow.OkAsync([.. arguments, "-o", "json"])).Out).RootElement;

    private static IEnumerable<string> Changes(JsonElement applied) =>
        applied.EnumerateArray().Select(each => $"{Text(each, "dag")} {Text(each, "change")}");

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
