using System.CommandLine;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow dags apply</c>: makes versions current, one after the other, when all files are valid.</summary>
internal static class DagsApplyCommand
{
    public static Command Build(CommandFactory create)
    {
        var paths = new Argument<string[]>("FILE") { Description = "DAG files, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change." };
        var why = Arguments.Why();
        return create.Create(
            "apply", "Makes the DAGs of files known and starts their schedules.", [paths, dryRun, why], async (args, flow, cancellation) =>
            {
                var sources = DagSources.ReadValid(DagSources.Expand(args.GetValue(paths)!), flow.Messages);
                var applied = args.GetValue(dryRun)
                    ? await CompareAsync(flow, sources, cancellation)
                    : await ApplyAsync(flow, sources, args.GetValue(why), cancellation);
                flow.Output.List(applied, AppliedDocument.Shape);
                if (args.GetValue(dryRun)) flow.Messages.Say("a dry run: nothing was changed");
                return ExitCode.Success;
            });
    }

    private static async Task<IReadOnlyList<AppliedDocument>> ApplyAsync(
        Invocation flow, IReadOnlyList<DagSource> sources, string? why, CancellationToken cancellation)
    {
        var applied = new List<AppliedDocument>();
        await using var engine = await flow.HostAsync(cancellation);
        foreach (var source in sources)
        {
            var version = source.Version!;
            var message = new ApplyDag(version.Hash, version.Canonical, Path.GetFullPath(source.File)) { By = flow.NewOrigin(why) };
            var reply = await ApplyAsync(engine, source, message, applied, cancellation);
            if (reply.Problem is { } problem) throw CliException.Invalid($"{source.File}: {problem}{Done(applied)}");
            applied.Add(new AppliedDocument(source, reply.Change, reply.PreviousHash, []));
        }

        return applied;
    }

    private static async Task<DagApplied> ApplyAsync(
        IEngine engine, DagSource source, ApplyDag message, List<AppliedDocument> applied, CancellationToken cancellation)
    {
        try
        {
            return await engine.Peers.Dag(source.Version!.Spec.Id).ApplyAsync(message, cancellation);
        }
        catch (FlowException refused)
        {
            throw new CliException(RemoteErrors.CodeOf(refused), $"{source.File}: {RemoteErrors.MessageOf(refused)}{Done(applied)}", refused);
        }
    }

    private static async Task<IReadOnlyList<AppliedDocument>> CompareAsync(
        Invocation flow, IReadOnlyList<DagSource> sources, CancellationToken cancellation)
    {
        var applied = new List<AppliedDocument>();
        await using var engine = await flow.ReadAsync(cancellation);
        foreach (var source in sources)
        {
            var head = await engine.FindDagAsync(source.Version!.Spec.Id, cancellation);
            applied.Add(Compare(source, head is null ? null : await Targets.FindCurrentAsync(engine, head, cancellation)));
        }

        return applied;
    }

    private static string Done(List<AppliedDocument> applied) =>
        applied.Count == 0 ? "" : $" (applied before it: {string.Join(", ", applied.Select(a => a.Source.Version!.Spec.Id))})";

    private static AppliedDocument Compare(DagSource source, DagVersion? current)
    {
        var version = source.Version!;
        if (current is null) return new AppliedDocument(source, ApplyOutcome.Created, null, []);
        if (current.Hash == version.Hash) return new AppliedDocument(source, ApplyOutcome.Unchanged, current.Hash, []);
        return new AppliedDocument(source, ApplyOutcome.Updated, current.Hash, DagDiff.Compare(current.Spec, version.Canonical));
    }
}
