using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow runs</c>.</summary>
internal static class RunsCommands
{
    public static Command Build(CommandFactory create) => CommandFactory.Group(
        "runs", "Runs: list, show, watch, cancel, rerun.", List(create), Show(create), Watch(create), Cancel(create), Rerun(create));

    private static Command List(CommandFactory create)
    {
        var dag = new Option<string?>("--dag") { Description = "Only runs of this DAG.", HelpName = "DAG" };
        var state = new Option<string[]>("--state")
        {
            Description = $"Only runs in this state ({string.Join(", ", Names.All<RunState>())}); may be repeated or a list.",
            HelpName = "state",
        };
        var since = new Option<string?>("--since") { Description = "Only runs created since then: 12h, 2d or a date.", HelpName = "time" };
        var limit = Arguments.Whole("--limit", "How many at most.", "n", standard: 100);
        return create.Create("list", "Lists runs, newest first.", [dag, state, since, limit], async (args, flow, cancellation) =>
        {
            var filter = new RunFilter
            {
                Dag = args.GetValue(dag) is { } id ? Arguments.ReadDag(id) : null,
                States = ReadStates(args.GetValue(state) ?? []),
                Since = Arguments.ReadSince(args.GetValue(since), flow.Now),
                Limit = args.GetValue(limit) is > 0 and var most ? most : throw CliException.Invalid("--limit: at least 1"),
            };
            await using var engine = await flow.ReadAsync(cancellation);
            var runs = await engine.Queries.ListRunsAsync(filter, cancellation);
            flow.Output.List(runs, RunListDocument.Shape);
            if (runs.Count == 0) flow.Messages.Say("no runs");
            else if (runs.Count == filter.Limit) flow.Messages.Say($"the newest {Words.Count(runs.Count, "run")}; --limit shows more");
            return ExitCode.Success;
        });
    }

    private static Command Show(CommandFactory create)
    {
        var run = Arguments.Run();
        return create.Create("show", "Shows a run with its tasks, attempts and outputs.", [run], async (args, flow, cancellation) =>
        {
            await using var engine = await flow.ReadAsync(cancellation);
            var detail = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
            flow.Output.Show(RunDocument.Of(detail), RunDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Watch(CommandFactory create)
    {
        var run = Arguments.Run();
        return create.Create(
            "watch",
            "Follows a run until it ends; hosts the engine, so that the run goes on, unless a server or another process does.",
            [run],
            (args, flow, cancellation) => new AnyWatch(flow).FollowAsync(args.GetValue(run)!, cancellation));
    }

    private static Command Cancel(CommandFactory create)
    {
        var run = Arguments.Run();
        var why = Arguments.Why();
        return create.Create("cancel", "Cancels a run and waits until its tasks have ended.", [run, why], async (args, flow, cancellation) =>
        {
            var cancel = new CancelRun { By = flow.NewOrigin(args.GetValue(why) ?? "flow runs cancel") };
            var given = false;
            await using var engine = await flow.HostAsync(cancellation, first: async (peers, queries, stop) =>
            {
                // before the tasks that the last host lost are started anew
                var lost = (await Targets.FindRunAsync(queries, args.GetValue(run)!, stop)).Run;
                given = !lost.State.IsFinished();
                if (given) await peers.Run(lost.Id).CancelAsync(cancel, stop);
            });
            var found = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
            var id = found.Run.Id;
            if (found.Run.State.IsFinished() && !given)
            {
                flow.Messages.Say($"run {id} had ended already: {Names.Of(found.Run.State)}");
            }
            else
            {
                Replies.Check(await engine.CancelAndWaitAsync(id, cancel, cancellation));
                found = await Targets.FindRunAsync(engine.Queries, id.Value, cancellation);
            }

            flow.Output.Show(RunDocument.Of(found), RunDocument.Shape);
            return ExitCode.Success;
        });
    }

    private static Command Rerun(CommandFactory create)
    {
        var run = Arguments.Run();
        var failed = new Option<bool>("--failed") { Description = "Only tasks that failed, and what could not run because of them." };
        var noWait = Arguments.NoWait();
        var why = Arguments.Why();
        return create.Create("rerun", "Runs a finished run again, or what failed of it.", [run, failed, noWait, why], async (args, flow, cancellation) =>
        {
            await using var engine = await flow.HostAsync(cancellation);
            var id = (await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation)).Run.Id;
            var clear = new ClearTasks { OnlyFailed = args.GetValue(failed), By = flow.NewOrigin(args.GetValue(why)) };
            return await RunWatch.ClearAsync(flow, engine, id, clear, wait: !args.GetValue(noWait), cancellation);
        });
    }

    private static List<RunState> ReadStates(IEnumerable<string> texts) =>
        [.. texts.SelectMany(t => t.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(ReadState)];

    private static RunState ReadState(string text) => Names.TryParse<RunState>(text, out var state)
        ? state
        : throw CliException.Invalid($"--state: '{text}' is not one of {string.Join(", ", Names.All<RunState>())}");
}
