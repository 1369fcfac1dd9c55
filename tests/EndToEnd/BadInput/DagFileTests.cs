using System.Globalization;
using System.Text;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.BadInput;

/// <summary>Broken files of every kind: exit 2, one line with file, line and column for each problem, and what to do.</summary>
public class DagFileTests
{
    public static TheoryData<string, string, string, string> Broken => new()
    {
        // name, content, place (line:column, or a part of it), what the message says
        { "empty", "", "1:1", "empty" },
        { "list", "- a\n- b\n", "1:1", "" },
        { "syntax", "dag: x\ntasks: { a: [\n", "3:", "" },
        { "tab", "dag: x\ntasks:\n\ta: { noop: {} }\n", "3:", "" },
        { "twice", "dag: x\ntasks:\n  a: { noop: {} }\n  a: { noop: {} }\n", "4:3", "" },
        { "no-dag", "tasks: { a: { noop: {} } }\n", "1:", "'dag'" },
        { "no-tasks", "dag: x\n", "1:", "tasks" },
        { "typo", "dag: x\ntasks:\n  a: { noop: {}, retrys: 3 }\n", "3:18", "did you mean 'retries'" },
        { "airflow", "dag: x\ntasks:\n  a: { noop: {}, execution_timeout: 3m }\n", "3:18", "did you mean 'timeout'" },
        { "unknown-need", "dag: x\ntasks:\n  fetch: { noop: {} }\n  b: { noop: {}, needs: [fetsh] }\n", "4:", "did you mean 'fetch'" },
        { "cycle", "dag: x\ntasks:\n  a: { noop: {}, needs: [c] }\n  b: { noop: {}, needs: [a] }\n  c: { noop: {}, needs: [b] }\n", "3:", "->" },
        { "self", "dag: x\ntasks:\n  a: { noop: {}, needs: [a] }\n", "3:", "" },
        { "duration", "dag: x\ntasks:\n  a: { noop: {}, timeout: 5 parsecs }\n", "3:27", "5 parsecs" },
        { "two-actions", "dag: x\ntasks:\n  a: { noop: {}, script: echo }\n", "3:", "exactly one" },
        { "no-action", "dag: x\ntasks:\n  a: { retries: 1 }\n", "3:", "noop: {}" },
        { "id", "dag: ../etc\ntasks: { a: { noop: {} } }\n", "1:6", "../etc" },
        { "dots", "dag: a..b\ntasks: { a: { noop: {} } }\n", "1:6", "'..'" },
        { "task-id", "dag: x\ntasks:\n  a/b: { noop: {} }\n", "3:3", "a/b" },
        { "template", "dag: x\ntasks:\n  a: { script: \"echo {{ params.nothing }}\" }\n", "3:", "nothing" },
        { "template-syntax", "dag: x\ntasks:\n  a: { script: \"echo {{ params.\" }\n", "3:", "" },
        { "xcom", "dag: x\ntasks:\n  a: { script: \"echo {{ xcom.b.k }}\" }\n  b: { noop: {} }\n", "3:", "xcom" },
        { "when", "dag: x\ntasks:\n  a: { noop: {}, when: \"1 +\" }\n", "3:", "" },
        { "map", "dag: x\nparams: { n: { type: integer, default: 3 } }\ntasks:\n  a: { noop: {}, map: { over: \"{{ params.n }}\", as: x } }\n", "4:", "list" },
        { "rule", "dag: x\ntasks:\n  a: { noop: {}, trigger_rule: all_succes }\n", "3:", "did you mean 'all_success'" },
        { "cron", "dag: x\nschedule: \"61 * * * *\"\ntasks: { a: { noop: {} } }\n", "2:11", "61" },
        { "zone", "dag: x\nschedule: { cron: \"0 6 * * *\", timezone: Europe/Berlinn }\ntasks: { a: { noop: {} } }\n", "2:", "Europe/Berlin" },
        { "param", "dag: x\nparams: { n: { type: integer, default: many } }\ntasks: { a: { noop: {} } }\n", "2:", "" },
        { "input", "dag: x\ntasks:\n  a: { noop: {} }\n  b: { script: echo, inputs: { x: ../a } }\n", "4:", "" },
        { "later", "dag: x\ntasks:\n  a: { sensor: { time: now } }\n", "3:8", "" },
        { "merge", "dag: x\nbase: &b { noop: {} }\ntasks:\n  a: { <<: *b }\n", "4:", "" },
        { "number", "dag: x\ntasks:\n  a: { noop: {}, retries: -1 }\n", "3:", "" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task BrokenFile_IsRefused_WithItsPlace(string name, string content, string place, string says)
    {
        await using var flow = new Installation();
        var file = flow.Dag($"{name}.yaml", content);

        var outcome = await flow.FlowAsync("validate", file);

        outcome.ExitCode.ShouldBe(2, outcome.Everything);
        outcome.Error.ShouldContain($"{file}:{place}");
        outcome.Error.Split('\n').ShouldContain(line => line.StartsWith($"{file}:{place}", StringComparison.Ordinal) && line.Contains(says, StringComparison.OrdinalIgnoreCase), outcome.Error);
        ShouldBeNoStackTrace(outcome);
    }

    [Fact]
    public async Task EveryProblem_IsToldAtOnce_AndRunAndApplyRefuseTheSame()
    {
        await using var flow = new Installation();
        var file = flow.Dag("many.yaml", """
            dag: many
            tasks:
              a: { noop: {}, needs: [nobody] }
              b: { noop: {}, timeout: soon }
              c: { script: "{{ params.none }}" }
            """);

        foreach (var command in new string[][] { ["validate", file], ["run", file], ["dags", "apply", file] })
        {
            var outcome = await flow.FlowAsync(command);
            outcome.ExitCode.ShouldBe(2, outcome.Everything);
            foreach (var place in new[] { ":3:", ":4:", ":5:" }) outcome.Error.ShouldContain(file + place);
            outcome.Error.ShouldContain("3 errors in");
            outcome.Out.ShouldBeEmpty();
        }

        Directory.Exists(Path.Combine(flow.Data, "postgres")).ShouldBeFalse("a refused file starts nothing");
    }

    [Fact]
    public async Task FileOverEightMebibytes_IsRefused()
    {
        await using var flow = new Installation();
        var file = flow.Dag("huge.yaml", "dag: huge\ntasks: { a: { noop: {} } }\n# " + new string('x', 8 * 1024 * 1024));

        await ShouldBeRefusedAsync(flow, file, "8 MiB");
    }

    [Fact]
    public async Task AliasBomb_IsRefused_AtOnce()
    {
        await using var flow = new Installation();
        var bomb = new StringBuilder("dag: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++) bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var file = flow.Dag("bomb.yaml", bomb + "tasks: { a: { noop: {} } }\n");

        await ShouldBeRefusedAsync(flow, file, "alias");
    }

    [Fact]
    public async Task DeepNesting_IsRefused()
    {
        await using var flow = new Installation();
        var file = flow.Dag("deep.yaml", "dag: deep\ntasks: { a: { env: " + new string('[', 200_000) + "\n");

        await ShouldBeRefusedAsync(flow, file, "");
    }

    [Fact]
    public async Task BytesThatAreNoUtf8_AreRefused()
    {
        await using var flow = new Installation();
        var file = flow.Dag("latin.yaml", "");
        await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes("dag: x\ndescription: r\u00e9sum\u00e9\ntasks: { a: { noop: {} } }\n"));

        await ShouldBeRefusedAsync(flow, file, "UTF-8");
    }

    [Fact]
    public async Task WhatIsNoFile_IsRefused()
    {
        await using var flow = new Installation();
        Directory.CreateDirectory(Path.Combine(flow.Dags, "folder"));

        await ShouldBeRefusedAsync(flow, Path.Combine(flow.Dags, "nothing.yaml"), "no such file");
        await ShouldBeRefusedAsync(flow, Path.Combine(flow.Dags, "folder"), "folder");
    }

    [Fact]
    public async Task FiftyThousandTasks_Validate_AndOneMoreIsRefused()
    {
        await using var flow = new Installation();
        var file = flow.Dag("wide.yaml", Noops("wide", 50_000));

        (await flow.OkAsync("validate", file)).Out.ShouldContain("valid, 50000 tasks");
        await ShouldBeRefusedAsync(flow, flow.Dag("wider.yaml", Noops("wider", 50_001)), "at most 50000");
    }

    [Fact]
    public async Task TwoThousandTasks_Run()
    {
        await using var flow = new Installation();

        var run = await flow.RunAsync(flow.Dag("many.yaml", Noops("many", 2000)));

        run.Tasks.Length.ShouldBe(2000);
        run.Tasks.ShouldAllBe(task => task.State == "success" && task.Committed == 1);
    }

    private static string Noops(string dag, int count)
    {
        var text = new StringBuilder($"dag: {dag}\ntasks:\n");
        for (var i = 0; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $"  t{i}: {{ noop: {{}}{(i < 50 ? "" : $", needs: [t{i - 50}]")} }}\n");
        return text.ToString();
    }

    private static async Task ShouldBeRefusedAsync(Installation flow, string file, string says)
    {
        foreach (var command in new[] { "validate", "run" })
        {
            var outcome = await flow.FlowAsync(command, file);
            if (command == "validate" && Directory.Exists(file)) continue;
            outcome.ExitCode.ShouldBe(2, outcome.Everything);
            outcome.Error.ShouldContain(file);
            outcome.Error.ShouldContain(says);
            ShouldBeNoStackTrace(outcome);
        }
    }

    private static void ShouldBeNoStackTrace(Outcome outcome)
    {
        outcome.Everything.ShouldNotContain("   at ");
        outcome.Everything.ShouldNotContain("Exception");
    }
}
