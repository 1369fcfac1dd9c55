using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Following;
using OrleansFlow.Client;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Remote;

/// <summary>Follows a run of a server. Ctrl-C ends the watching, not the run.</summary>
internal static class RemoteWatch
{
    /// <summary>Shows a run until it ends, however often its server goes away meanwhile. Returns the exit code.</summary>
    public static async Task<int> FollowAsync(
        Invocation flow, IRemoteEngine engine, RunId run, EventQuery from, IRunView view, bool tellEnd)
    {
        var asked = flow.Interrupts.Asked;
        try
        {
            var detail = await view.ShowAsync(HoldUps.TellAsync(flow, engine.Queries, engine.FollowAsync(run, from, asked)));
            if (tellEnd) await RunSummary.WriteAsync(flow, engine, detail, asked);
            return RunWatch.CodeOf(detail.Run.State);
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested)
        {
            flow.Messages.Say(
                $"left run {run}: it goes on at {engine.Server}; flow runs watch {run} follows it, flow runs cancel {run} ends it");
            throw;
        }
    }
}
