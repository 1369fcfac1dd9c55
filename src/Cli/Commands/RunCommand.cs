using System.CommandLine;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow run FILE</c>: one run of a DAG file, here and now, watched to its end.</summary>
internal static class RunCommand
{
    public static Command Build(CommandFactory create)
    {
        var file = new Argument<string>("FILE") { Description = "A DAG file." };
        var parameters = Arguments.Params();
        var values = Arguments.ParamsFile();
        var date = Arguments.LogicalDate();
        var named = Arguments.NewRunId();
        var noWait = Arguments.NoWait();
        var why = Arguments.Why();
        return create.Create(
            "run", "Runs a DAG file once and shows it until it ends; Ctrl-C cancels, or leaves it to its server.",
            [file, parameters, values, date, named, noWait, why], async (args, flow, cancellation) =>
            {
                var logicalDate = Arguments.ReadDate(args.GetValue(date), "--logical-date");
                var text = DagText.Open(args.GetValue(file)!);
                var given = RunParams.Given(args.GetValue(parameters), args.GetValue(values));
                await using var server = flow.FindServer();
                // beside what follows: the first call of a process takes longest
                var checking = server?.CheckAsync(text, cancellation);
                var message = new TriggerRun
                {
                    Run = NewId(flow, logicalDate, args.GetValue(named)),
                    LogicalDate = logicalDate,
                    By = flow.NewOrigin(args.GetValue(why)),
                };
                if (server is not null)
                {
                    var triggering = server.TriggerAsync(text, given, message, cancellation);
                    return await ShowAsync(server, await JudgedAsync(flow, message.Run, triggering, checking!));
                }

                var (dag, alone) = ReadHere(flow, text, given, message);
                await using var engine = await flow.HostAsync(cancellation);
                return await ShowAsync(engine, await TriggerAsync(flow, engine, dag, alone, cancellation));

                Task<int> ShowAsync(IEngine engine, RunId run) => args.GetValue(noWait)
                    ? RunWatch.LeaveAsync(flow, engine, run, cancellation)
                    : RunWatch.FollowOwnAsync(flow, engine, run);
            });
    }

    private static (DagId Dag, TriggerRun Message) ReadHere(Invocation flow, DagText text, RunParams given, TriggerRun message)
    {
        DagSource[] read = [text.Read()];
        DagSources.RequireValid(read, flow.Messages);
        var version = read[0].Version!;
        return (version.Spec.Id, message with { Params = given.For(version.Spec), Version = new ApplyDag(version.Hash, version.Canonical, text.FullPath) });
    }

    /// <summary>The id of a run that somebody asks for: the one that is given, or a new one.</summary>
    /// <exception cref="CliException">It cannot be one.</exception>
    public static RunId NewId(Invocation flow, DateTimeOffset? logicalDate, string? given)
    {
        if (given is null) return RunId.Create(RunKind.Manual, logicalDate ?? flow.Now, flow.NewSuffix());
        return IdRules.Problem(given) is { } problem ? throw CliException.Invalid($"--run-id: {problem}") : new RunId(given);
    }

    /// <summary>Creates a run and says which.</summary>
    /// <exception cref="CliException">The engine refused it.</exception>
    public static Task<RunId> TriggerAsync(
        Invocation flow, IEngine engine, DagId dag, TriggerRun message, CancellationToken cancellation) => TellAsync(flow, message.Run, async () =>
        {
            var reply = await engine.Peers.Dag(dag).TriggerAsync(message, cancellation);
            return (dag, reply.Run ?? throw CliException.Invalid(reply.Problem ?? $"DAG {dag} refused the run without saying why"));
        });

    /// <summary>Whether there is a run, the trigger says; what is wrong with the file, the check in full: nothing waits for it but that.</summary>
    private static async Task<RunId> JudgedAsync(Invocation flow, RunId asked, Task<(DagId Dag, RunId Run)> triggering, Task<DagSource> checking)
    {
        try
        {
            var run = await TellAsync(flow, asked, () => triggering);
            if (await FindReportAsync(checking) is { } report) DagSources.Report([report], flow.Messages);
            else flow.Messages.Say("whether the server warns of anything in the file is not known: it could not be asked");
            return run;
        }
        catch (InvalidDagException)
        {
            // the refusal names the first problems itself
            if (await FindReportAsync(checking) is { } report) DagSources.RequireValid([report], flow.Messages);
            throw;
        }
    }

    private static async Task<DagSource?> FindReportAsync(Task<DagSource> checking)
    {
        await ((Task)checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return checking.IsCompletedSuccessfully ? await checking : null;
    }

    private static async Task<RunId> TellAsync(Invocation flow, RunId asked, Func<Task<(DagId Dag, RunId Run)>> trigger)
    {
        try
        {
            var (dag, run) = await trigger();
            flow.Messages.Say($"run {run} of {dag}");
            return run;
        }
        catch (Exception unanswered) when (unanswered is OperationCanceledException || (unanswered is FlowException lost && RemoteErrors.MayHaveBeenDone(lost)))
        {
            flow.Messages.Say($"no answer came; run {asked} may have been made all the same: {flow.Command($"runs show {asked}")} tells");
            throw;
        }
    }
}
