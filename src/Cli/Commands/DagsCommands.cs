using System.CommandLine;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow dags</c>, but for <c>apply</c> and <c>diff</c>.</summary>
internal static class DagsCommands
{
    public static Command Build(CommandFactory create) => CommandFactory.Group(
        "dags",
        "DAGs: apply, list, show, diff, pause, unpause, trigger.",
        DagsApplyCommand.Build(create),
        List(create),
        Show(create),
        DagsDiffCommand.Build(create),
        Pause(create, "pause", "Pauses a DAG: its schedule does not fire and no run leaves the queue.", paused: true),
        Pause(create, "unpause", "Lets a paused DAG go on.", paused: false),
        Trigger(create));

    private static Command List(CommandFactory create) => create.Create(
        "list", "Lists the DAGs.", [], async (_, flow, cancellation) =>
        {
            await using var engine = await flow.ReadAsync(cancellation);
            var dags = await engine.Queries.ListDagsAsync(cancellation);
            flow.Output.List(dags, DagListDocument.Shape);
            if (dags.Count == 0) flow.Messages.Say("no DAGs; 'flow dags apply FILE' makes one known");
            return ExitCode.Success;
        });

    private static Command Show(CommandFactory create)
    {
        var dag = Arguments.Dag();
        return create.Create("show", "Shows a DAG with its tasks and versions.", [dag], async (args, flow, cancellation) =>
        {
            var id = Arguments.ReadDag(args.GetValue(dag)!);
            await using var engine = await flow.ReadAsync(cancellation);
            var detail = await Targets.FindDagAsync(engine.Queries, id, cancellation);
            var version = Targets.Current(detail) ?? (detail.Versions.Count > 0 ? detail.Versions[0] : null);
            var spec = version is null ? null : CanonicalJson.Read(version.Spec);
            flow.Output.Show(new DagDocument(detail, spec), DagDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Pause(CommandFactory create, string name, string description, bool paused)
    {
        var dag = Arguments.Dag();
        var why = Arguments.Why();
        return create.Create(name, description, [dag, why], async (args, flow, cancellation) =>
        {
            var id = Arguments.ReadDag(args.GetValue(dag)!);
            await using var engine = await flow.HostAsync(cancellation);
            var reply = await engine.Peers.Dag(id).SetPausedAsync(new SetPaused(paused) { By = flow.NewOrigin(args.GetValue(why)) }, cancellation);
            var head = await Targets.FindHeadAsync(engine, id, cancellation);
            if (!reply.Changed) flow.Messages.Say($"DAG {id} was {(paused ? "paused" : "not paused")} already");
            flow.Output.Show(new PauseDocument(id.Value, head.Paused), PauseDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Trigger(CommandFactory create)
    {
        var dag = Arguments.Dag();
        var parameters = Arguments.Params();
        var file = Arguments.ParamsFile();
        var date = Arguments.LogicalDate();
        var named = Arguments.NewRunId();
        var why = Arguments.Why();
        var noWait = Arguments.NoWait();
        return create.Create(
            "trigger",
            "Makes a run of an applied DAG and shows it until it ends; Ctrl-C cancels, or leaves it to its server.",
            [dag, parameters, file, date, named, noWait, why],
            async (args, flow, cancellation) =>
            {
                var id = Arguments.ReadDag(args.GetValue(dag)!);
                var logicalDate = Arguments.ReadDate(args.GetValue(date), "--logical-date");
                await using var engine = await flow.HostAsync(cancellation);
                var head = await Targets.FindHeadAsync(engine, id, cancellation);
                var version = await Targets.FindCurrentAsync(engine, head, cancellation)
                    ?? throw CliException.Invalid($"no version of DAG '{id}' was applied, only files of it were run; flow dags apply FILE");
                var run = await RunCommand.TriggerAsync(flow, engine, id, new TriggerRun
                {
                    Run = RunCommand.NewId(flow, logicalDate, args.GetValue(named)),
                    LogicalDate = logicalDate,
                    Params = RunParams.Given(args.GetValue(parameters), args.GetValue(file)).For(CanonicalJson.Read(version.Spec)),
                    By = flow.NewOrigin(args.GetValue(why)),
                }, cancellation);
                return args.GetValue(noWait) || head.Paused
                    ? await RunWatch.LeaveAsync(flow, engine, run, cancellation)
                    : await RunWatch.FollowOwnAsync(flow, engine, run);
            });
    }

    private sealed record PauseDocument(string Dag, bool Paused)
    {
        public static readonly Shape<PauseDocument> Shape = new Shape<PauseDocument>()
            .Text("dag", p => p.Dag, "DAG")
            .Flag("paused", p => p.Paused)
            .Column("PAUSED", p => p.Paused ? "yes" : "no");
    }
}
