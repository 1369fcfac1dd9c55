using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Logs;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow logs</c>: what tasks wrote.</summary>
internal static class LogsCommand
{
    public static Command Build(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        task.Arity = ArgumentArity.ZeroOrOne;
        task.Description = "A task, or an element of a mapped one: task[3] (default: all).";
        var attempt = new Option<int?>("--attempt")
        {
            Description = "Which attempt (default: the last).",
            HelpName = "n",
            CustomParser = result => Arguments.ReadWhole(result, "--attempt"),
        };
        var tail = new Option<int?>("--tail")
        {
            Description = "Only the last so many lines of each attempt, and with -f what comes after them.",
            HelpName = "n",
            CustomParser = result => Arguments.ReadWhole(result, "--tail"),
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the tasks have ended." };
        return create.Create("logs", "Prints what tasks wrote.", [run, task, attempt, tail, follow], async (args, flow, cancellation) =>
        {
            TaskArgument? wanted = args.GetValue(task) is { } text ? Arguments.ReadTask(text) : null;
            if (args.GetValue(attempt) is { } epoch && (epoch < 1 || wanted is null))
                throw CliException.Invalid(epoch < 1 ? "--attempt: attempts count from 1" : "--attempt needs TASK");
            if (args.GetValue(tail) is < 1) throw CliException.Invalid("--tail: at least 1");
            await using var engine = await flow.ReadAsync(cancellation);
            var detail = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
            var document = RunDocument.Of(detail);
            if (wanted is { } argument) Targets.FindTasks(document, argument);
            var selection = new LogSelection(wanted?.Task, wanted?.MapIndex, args.GetValue(attempt)) { Tail = args.GetValue(tail) };
            var printer = new LogPrinter(flow, engine, selection);
            if (args.GetValue(follow)) await printer.FollowAsync(document, cancellation);
            else await printer.PrintAsync(document, cancellation);
            return ExitCode.Success;
        });
    }
}
