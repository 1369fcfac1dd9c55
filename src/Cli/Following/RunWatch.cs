using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Following;

/// <summary>Follows runs to their end, for all commands that wait for one that they started.</summary>
internal static class RunWatch
{
    /// <summary>
    /// Follows a run that this command started, and tells its end. Ctrl-C cancels it, or where it runs at a server leaves it there; when the
    /// process is told from outside to end, the run is left as it is. Returns the exit code.
    /// </summary>
    /// <param name="flow">The command.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="run">The run.</param>
    /// <param name="from">The place in its history from which on it is told.</param>
    public static async Task<int> FollowOwnAsync(Invocation flow, IEngine engine, RunId run, HistoryPlace from = default)
    {
        if (engine.Server is not null)
            return await ServerWatch.FollowAsync(flow, engine, run, from, RunViews.Choose(flow, engine), tellEnd: true);
        await RefuseIfPausedAsync(flow, engine, await Targets.FindRunAsync(engine.Queries, run.Value, CancellationToken.None), CancellationToken.None);
        await using var notices = new NoticePump(engine, flow.Messages);
        using var cancelling = new CancelOnInterrupt(flow, engine, run);
        RunDetail detail;
        try
        {
            var leaving = cancelling.Leaving;
            detail = await RunViews.Choose(flow, engine).ShowAsync(QueueNotices.TellAsync(flow, engine, engine.FollowAsync(run, from, leaving), leaving));
        }
        catch (OperationCanceledException)
        {
            if (cancelling.WasAsked) flow.Messages.Say($"leaving before run {run} was cancelled; the next host does the rest: {flow.Command($"runs watch {run}")}");
            else SayLeft(flow, run);
            throw;
        }

        await cancelling.Done;
        await RunSummary.WriteAsync(flow, engine, detail, CancellationToken.None);
        return CodeOf(detail.Run.State);
    }

    /// <summary>Clears tasks of a run and, unless told otherwise, follows it to its end.</summary>
    public static async Task<int> ClearAsync(
        Invocation flow, IEngine engine, RunId run, ClearTasks clear, bool wait, CancellationToken cancellation)
    {
        var cleared = await engine.ClearAsync(run, clear, cancellation);
        var reply = Replies.Check(cleared.Reply);
        flow.Messages.Say($"cleared {Words.Count(reply.Affected, "task")} of run {run}");
        if (wait && reply.Affected > 0) return await FollowOwnAsync(flow, engine, run, cleared.From);
        return await LeaveAsync(flow, engine, run, cancellation);
    }

    /// <summary>Shows a run that nobody waits for, with what keeps it in the queue.</summary>
    public static async Task<int> LeaveAsync(Invocation flow, IEngine engine, RunId run, CancellationToken cancellation)
    {
        var detail = await Targets.FindRunAsync(engine.Queries, run.Value, cancellation);
        var hold = await HoldUps.FindAsync(flow.Command, engine, detail.Run, cancellation);
        var shown = hold is null ? detail : detail with { Run = detail.Run with { Detail = hold.Why.Summary } };
        flow.Output.Show(RunDocument.Of(shown), RunDocument.Shape);
        var where = engine.Server is { } server ? $"at {server}" : "whenever the engine is hosted";
        if (hold is not null) flow.Messages.Say(hold.Tell(run));
        else if (!detail.Run.State.IsFinished()) flow.Messages.Say($"it goes on {where}: {flow.Command($"runs watch {run}")}");
        return ExitCode.Success;
    }

    /// <summary>The exit code that a run's end stands for.</summary>
    public static int CodeOf(RunState state) => state == RunState.Success ? ExitCode.Success : ExitCode.RunFailed;

    public static void SayLeft(Invocation flow, RunId run) => flow.Messages.Say(
        $"leaving run {run} as it is: what runs of it is ended now and run again when the engine is hosted, at no cost of retries; to go on: {flow.Command($"runs watch {run}")}");

    /// <summary>While this process hosted the engine nobody could unpause the DAG.</summary>
    public static async Task RefuseIfPausedAsync(Invocation flow, IEngineReader reader, RunDetail detail, CancellationToken cancellation)
    {
        if (await HoldUps.FindAsync(flow.Command, reader, detail.Run, cancellation) is not { IsPaused: true }) return;
        throw new CliException(
            ExitCode.Unavailable,
            $"run {detail.Run.Id} stays in the queue while DAG {detail.Run.Dag} is paused; "
            + $"{flow.Command($"dags unpause {detail.Run.Dag}")}, then {flow.Command($"runs watch {detail.Run.Id}")}");
    }
}
