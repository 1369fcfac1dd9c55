using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Following;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow tasks</c>.</summary>
internal static class TasksCommands
{
    public static Command Build(CommandFactory create) =>
        CommandFactory.Group("tasks", "Tasks of a run: list, show, download, clear.", List(create), Show(create), Download(create), Clear(create));

    private static Command List(CommandFactory create)
    {
        var run = Arguments.Run();
        return create.Create("list", "Lists the tasks of a run.", [run], async (args, flow, cancellation) =>
        {
            await using var engine = await flow.ReadAsync(cancellation);
            var document = RunDocument.Of(await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation));
            flow.Output.List(document.Tasks, TaskDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Show(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        return create.Create("show", "Shows a task with its attempts, outputs and logs.", [run, task], async (args, flow, cancellation) =>
        {
            var argument = Arguments.ReadTask(args.GetValue(task)!);
            await using var engine = await flow.ReadAsync(cancellation);
            var document = RunDocument.Of(await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation));
            var found = Targets.FindTask(document, argument);
            var logs = found.Attempts.Select(a => new LogPlace(a.Key.Epoch, engine.Logs.Locate(document.Run.Dag, a.Key)));
            flow.Output.Show(new TaskDetailDocument(found, [.. logs]), TaskDetailDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Download(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        var files = new Argument<string[]>("FILE") { Description = "Which outputs (default: all).", Arity = ArgumentArity.ZeroOrMore };
        var folder = new Option<string>("--to") { Description = "The folder to write them to (default: this one).", HelpName = "folder", DefaultValueFactory = _ => "." };
        return create.Create("download", "Writes the outputs of a task to a folder, and checks that they are what was committed.", [run, task, files, folder], async (args, flow, cancellation) =>
        {
            var argument = Arguments.ReadTask(args.GetValue(task)!);
            await using var engine = await flow.ReadAsync(cancellation);
            var document = RunDocument.Of(await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation));
            var found = Targets.FindOutputs(Targets.FindTask(document, argument), args.GetValue(files) ?? []);
            var written = new List<DownloadedFile>();
            foreach (var artifact in found)
            {
                var file = SafePath.Combine(args.GetValue(folder)!, artifact.Name);
                await engine.DownloadAsync(artifact, file, cancellation);
                written.Add(new DownloadedFile(artifact, file));
            }

            flow.Output.List(written, DownloadedFile.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Clear(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        var downstream = new Option<bool>("--downstream") { Description = "Also everything below it." };
        var noWait = Arguments.NoWait();
        var why = Arguments.Why();
        return create.Create(
            "clear", "Sets a finished task back, so that it runs again.", [run, task, downstream, noWait, why], async (args, flow, cancellation) =>
            {
                var argument = Arguments.ReadTask(args.GetValue(task)!);
                await using var engine = await flow.HostAsync(cancellation);
                var detail = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
                Targets.FindTasks(RunDocument.Of(detail), argument);
                var clear = new ClearTasks
                {
                    Tasks = [argument.Task],
                    MapIndex = argument.MapIndex,
                    Downstream = args.GetValue(downstream),
                    By = flow.NewOrigin(args.GetValue(why)),
                };
                return await RunWatch.ClearAsync(flow, engine, detail.Run.Id, clear, wait: !args.GetValue(noWait), cancellation);
            });
    }
}
