using System.CommandLine;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary><c>docs/cli.md</c> lists exactly the commands and options that there are.</summary>
public sealed class ReferenceTests
{
    private const string Begin = "<!-- commands: written by ReferenceTests from the program itself -->";
    private const string End = "<!-- end of commands -->";

    [Fact]
    public void TheReference_IsWhatTheProgramHas()
    {
        var file = GoldenFiles.Folder("docs", "cli.md");
        var page = File.ReadAllText(file);
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);

        GoldenFiles.ShouldMatch($"{page[..from]}\n\n{Render()}\n{page[to..]}", file);
    }

    [Fact]
    public void EveryCommand_IsABranchByItsOwnName()
    {
        var call = new CommandLine(new FakeEngines());
        foreach (var command in FlowCommand.Build(call.Services, new GlobalOptions()).Subcommands)
            FlowCommand.Build(call.Services, new GlobalOptions(), command.Name).Subcommands.ShouldHaveSingleItem().Name.ShouldBe(command.Name);
    }

    private static string Render()
    {
        var call = new CommandLine(new FakeEngines());
        var root = FlowCommand.Build(call.Services, new GlobalOptions());
        var lines = new List<string> { "### Options of every command", "" };
        lines.AddRange(Table(root));
        foreach (var (path, command) in Leaves("flow", root))
        {
            var arguments = string.Concat(command.Arguments.Select(a => a.Arity.MinimumNumberOfValues == 0 ? $" [{a.Name}]"
                : a.Arity.MaximumNumberOfValues > 1 ? $" {a.Name}..." : $" {a.Name}"));
            var options = command.Options.Any(o => !o.Hidden && o is not System.CommandLine.Help.HelpOption) ? " [options]" : "";
            lines.AddRange(["", $"### `{path}{arguments}{options}`", "", command.Description!]);
            var table = Table(command).ToList();
            if (table.Count > 2) lines.AddRange(["", .. table]);
        }

        return string.Join('\n', lines) + "\n";
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(string path, Command command) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(c => Leaves($"{path} {c.Name}", c));

    private static IEnumerable<string> Table(Command command)
    {
        yield return "| | |";
        yield return "|---|---|";
        foreach (var argument in command.Arguments) yield return $"| `{argument.Name}` | {argument.Description} |";
        foreach (var option in command.Options.Where(o => o is not System.CommandLine.Help.HelpOption))
        {
            var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(n => $"`{n}`"));
            var value = option.HelpName is { } name ? $" _{name.Replace("|", "\\|", StringComparison.Ordinal)}_" : "";
            yield return $"| {names}{value} | {option.Description} |";
        }
    }
}
