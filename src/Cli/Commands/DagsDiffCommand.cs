using System.CommandLine;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow dags diff</c>: what applying a file would change.</summary>
internal static class DagsDiffCommand
{
    private static readonly Shape<Difference> Shape = new Shape<Difference>()
        .Text("dag", d => d.Dag)
        .Text("from", d => d.From)
        .Text("to", d => d.To)
        .List("changes", d => d.Changes, ChangeDocument.Shape);

    public static Command Build(CommandFactory create)
    {
        var file = new Argument<string>("FILE") { Description = "A DAG file." };
        return create.Create("diff", "Shows what applying a file would change.", [file], async (args, flow, cancellation) =>
        {
            var paths = DagSources.Expand([args.GetValue(file)!]);
            var version = DagSources.ReadValid(paths, flow.Messages)[0].Version!;
            await using var engine = await flow.ReadAsync(cancellation);
            var dag = await Targets.FindHeadAsync(engine, version.Spec.Id, cancellation);
            var current = await Targets.FindCurrentAsync(engine, dag, cancellation) ?? throw CliException.Invalid($"no version of DAG '{dag.Id}' was applied yet");
            var changes = DagDiff.Compare(current.Spec, version.Canonical);
            Write(flow.Output, new Difference(dag.Id.Value, current.Hash, version.Hash, changes));
            if (changes.Count == 0) flow.Messages.Say($"DAG {dag.Id}: no differences");
            return ExitCode.Success;
        });
    }

    private static void Write(OutputWriter output, Difference difference)
    {
        if (!output.ForPeople) output.Show(difference, Shape);
        else foreach (var change in difference.Changes) output.Plain.WriteLine(ChangeDocument.Line(change));
    }

    private sealed record Difference(string Dag, string From, string To, IReadOnlyList<DagChange> Changes);
}
