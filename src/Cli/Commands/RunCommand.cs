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
                var path = args.GetValue(file)!;
                var logicalDate = Arguments.ReadDate(args.GetValue(date), "--logical-date");
                if (Directory.Exists(path)) throw CliException.Invalid($"{path}: is a folder; name one DAG file");
                if (!File.Exists(path)) throw CliException.Invalid($"{path}: there is no such file");
                var (engine, (dag, message)) = await flow.HostAsync(Read, cancellation);
                await using (engine)
                {
                    var run = await TriggerAsync(flow, engine, dag, message, cancellation);
                    return args.GetValue(noWait)
                        ? await RunWatch.LeaveAsync(flow, engine, run, cancellation)
                        : await RunWatch.FollowOwnAsync(flow, engine, run);
                }

                (DagId, TriggerRun) Read()
                {
                    var version = DagSources.ReadValid([path], flow.Messages)[0].Version!;
                    return (version.Spec.Id, new TriggerRun
                    {
                        Params = RunParams.Read(args.GetValue(parameters) ?? [], args.GetValue(values), version.Spec),
                        Run = NewId(flow, logicalDate, args.GetValue(named)),
                        LogicalDate = logicalDate,
                        Version = new ApplyDag(version.Hash, version.Canonical, Path.GetFullPath(path)),
                        By = flow.NewOrigin(args.GetValue(why)),
                    });
                }
            });
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
    public static async Task<RunId> TriggerAsync(
        Invocation flow, IEngine engine, DagId dag, TriggerRun message, CancellationToken cancellation)
    {
        try
        {
            var reply = await engine.Peers.Dag(dag).TriggerAsync(message, cancellation);
            if (reply.Run is not { } run) throw CliException.Invalid(reply.Problem ?? $"DAG {dag} refused the run without saying why");
            flow.Messages.Say($"run {run} of {dag}");
            return run;
        }
        catch (Exception unanswered) when (unanswered is OperationCanceledException || (unanswered is FlowException lost && RemoteErrors.MayHaveBeenDone(lost)))
        {
            flow.Messages.Say($"no answer came; run {message.Run} may have been made all the same: flow runs show {message.Run} tells");
            throw;
        }
    }
}
