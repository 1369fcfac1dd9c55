using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Following;

/// <summary>Follows a run of a server. Ctrl-C ends the watching, not the run.</summary>
internal static class ServerWatch
{
    /// <summary>Shows a run until it ends, however often its server goes away meanwhile. Returns the exit code.</summary>
    public static async Task<int> FollowAsync(
        Invocation flow, IEngineReader engine, RunId run, HistoryPlace from, IRunView view, bool tellEnd)
    {
        var asked = flow.Interrupts.Asked;
        RunDetail detail;
        try
        {
            detail = await view.ShowAsync(QueueNotices.TellAsync(flow, engine, engine.FollowAsync(run, from, asked), asked));
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested)
        {
            flow.Messages.Say(
                $"left run {run}: it goes on at {engine.Server}; {flow.Command($"runs watch {run}")} follows it, {flow.Command($"runs cancel {run}")} ends it");
            throw;
        }

        if (tellEnd) await TellEndAsync(flow, engine, detail, asked);
        return RunWatch.CodeOf(detail.Run.State);
    }

    /// <summary>The run has ended: whoever does not wait for the last word on it learns how from the exit code.</summary>
    private static async Task TellEndAsync(Invocation flow, IEngineReader engine, RunDetail detail, CancellationToken asked)
    {
        try
        {
            await RunSummary.WriteAsync(flow, engine, detail, asked);
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested)
        {
            flow.Messages.Say($"run {detail.Run.Id} has ended; {flow.Command($"runs show {detail.Run.Id}")} shows it");
        }
    }
}
