using System.CommandLine;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow validate</c>: checks DAG files without an engine.</summary>
internal static class ValidateCommand
{
    public static Command Build(CommandFactory create)
    {
        var paths = new Argument<string[]>("FILE") { Description = "DAG files, or folders of them.", Arity = ArgumentArity.OneOrMore };
        return create.Create("validate", "Checks DAG files and lists every problem.", [paths], (args, flow, _) =>
        {
            var sources = DagSources.Read(DagSources.Expand(args.GetValue(paths)!));
            var valid = sources.All(s => s.Version is not null);
            if (flow.Output.ForPeople)
            {
                DagSources.Report(sources, flow.Messages);
                foreach (var source in sources)
                    if (source.Version is { } version)
                        flow.Output.Plain.WriteLine($"{source.File}: {version.Spec.Id}: valid, {Words.Count(version.Spec.Tasks.Count, "task")}");
            }
            else
            {
                flow.Output.List(sources, SourceDocument.Shape);
            }

            if (!valid) flow.Messages.Error(DagSources.Verdict(sources));
            return Task.FromResult(valid ? ExitCode.Success : ExitCode.Invalid);
        });
    }
}
