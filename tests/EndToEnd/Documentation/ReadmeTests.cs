using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Documentation;

/// <summary>
/// The commands of the README's shell blocks run as they stand, in one installation, in their order. Where a block shows output, it has
/// the shape of what is printed: the same lines but for ids, times, sizes and folders.
/// </summary>
public partial class ReadmeTests
{
    /// <summary>Long or about this very test: they have tests of their own.</summary>
    private static readonly string[] s_elsewhere = ["demo", "test", "bench"];

    [Fact]
    public async Task Commands_DoWhatIsShown()
    {
        await using var flow = new Installation();
        var blocks = Blocks(await File.ReadAllTextAsync(Path.Combine(FlowProgram.Root, "README.md"))).ToList();
        blocks.SelectMany(block => block).Select(each => each.Command).ShouldContain(command => command.StartsWith("./flow demo", StringComparison.Ordinal));

        foreach (var (command, shown) in blocks.SelectMany(block => block))
        {
            if (s_elsewhere.Any(name => command.StartsWith($"./flow {name}", StringComparison.Ordinal))) continue;
            var info = FlowProgram.Captured("/bin/bash", ["-euo", "pipefail", "-c", $"{{ {command}\n}} 2>&1"]);
            info.WorkingDirectory = FlowProgram.Root;
            info.Environment["FLOW_DATA_DIR"] = flow.Data;
            var outcome = await FlowProcess.Start(info).EndAsync();

            outcome.ExitCode.ShouldBe(0, $"{command}: {outcome.Everything}");
            outcome.Everything.ShouldNotContain("   at ");
            ShouldHaveTheShape(outcome.Out, shown, command);
        }
    }

    [Fact]
    public async Task TheCallOfTheApi_MakesARun()
    {
        await using var flow = new Installation();
        var readme = await File.ReadAllTextAsync(Path.Combine(FlowProgram.Root, "README.md"));
        var block = Fence().Matches(readme).Select(match => match.Groups[1].Value).Single(text => text.Contains("curl", StringComparison.Ordinal));
        using var server = await ApiServer.StartAsync(flow);
        var info = FlowProgram.Captured("/bin/bash", ["-euo", "pipefail", "-c", block.Replace("http://127.0.0.1:8234", server.Http, StringComparison.Ordinal)]);
        info.WorkingDirectory = FlowProgram.Root;
        info.Environment["FLOW_DATA_DIR"] = flow.Data;

        var outcome = await FlowProcess.Start(info).EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        JsonNode.Parse(outcome.Out.Trim().Split('\n')[^1])!["dag"]!.GetValue<string>().ShouldBe("dags/hello");
    }

    [Fact]
    public void Shape_IgnoresWhatDiffersFromRunToRun_AndNothingElse()
    {
        Shape("run manual-20240101T000000Z-x7k2p of a: success in 0.2s").ShouldBe(Shape("run manual-20261120T211950Z-iawvz of a: success in 11.9s"));
        Shape("a.txt  5 B  file:///var/lib/x/a.txt").ShouldBe(Shape("a.txt  17 B   file:///tmp/y/z/a.txt"));
        Shape("state success").ShouldNotBe(Shape("state failed"));
    }

    private static void ShouldHaveTheShape(string output, IReadOnlyList<string> shown, string command)
    {
        var lines = new Queue<string>(output.Split('\n').Select(Shape));
        foreach (var line in shown.Where(line => line.Trim() is not ("" or "...")).Select(Shape))
        {
            while (lines.Count > 0 && lines.Peek() != line) lines.Dequeue();
            lines.Count.ShouldBeGreaterThan(0, $"'{command}' does not print a line of the shape '{line}':\n{output}");
            lines.Dequeue();
        }
    }

    /// <summary>The commands of each shell block, with the lines shown below each; in a block with <c>$</c> prompts all else is output.</summary>
    private static IEnumerable<List<(string Command, IReadOnlyList<string> Shown)>> Blocks(string markdown)
    {
        foreach (var match in Fence().Matches(markdown).Cast<Match>())
        {
            var commands = new List<(string, IReadOnlyList<string>)>();
            var prompts = match.Groups[1].Value.Split('\n').Any(line => line.StartsWith("$ ", StringComparison.Ordinal));
            foreach (var line in match.Groups[1].Value.Split('\n'))
            {
                var command = prompts ? line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : null : line;
                if (command is not null && command.StartsWith("./flow", StringComparison.Ordinal)) commands.Add((command, new List<string>()));
                else if (prompts && command is null && commands.Count > 0) ((List<string>)commands[^1].Item2).Add(line);
            }

            yield return commands;
        }
    }

    private static string Shape(string line) =>
        Spaces().Replace(Number().Replace(Folder().Replace(RunId().Replace(Hash().Replace(line, "HASH"), "RUN"), "PATH/"), "0"), " ").Trim();

    [GeneratedRegex("^```(?:sh|shell|bash|console)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("(manual|scheduled|backfill)-[0-9]{8}T[0-9]{6}Z-[a-z0-9]{5}")]
    private static partial Regex RunId();

    [GeneratedRegex(@"\b[0-9a-f]{12,64}\b")]
    private static partial Regex Hash();

    [GeneratedRegex(@"(?:file://)?/(?:[\w.=@-]+/)+")]
    private static partial Regex Folder();

    [GeneratedRegex(@"[0-9]+(?:\.[0-9]+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\s─-]+")]
    private static partial Regex Spaces();
}
