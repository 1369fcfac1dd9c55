using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Following;

/// <summary>Tells those who wait for a run what keeps it in the queue.</summary>
internal static class QueueNotices
{
    /// <summary>Most runs leave the queue at once: one that is there after that time of following is looked into.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(1);

    /// <summary>A run that stays queued is looked into again after that time: the reason may change.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Passes updates on, and says what keeps the run in the queue when that is new.</summary>
    public static async IAsyncEnumerable<RunUpdate> TellAsync(
        Invocation flow, IEngineReader engine, IAsyncEnumerable<RunUpdate> updates, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var time = flow.Screen.Time;
        DagRun? run = null;
        string? told = null;
        var (looked, pause) = (time.GetTimestamp(), LookAfter);
        await foreach (var update in updates.WithPauses(LookAfter, time, cancellation))
        {
            run = update?.Run ?? run;
            if (run is { State: RunState.Queued } && time.GetElapsedTime(looked) >= pause)
            {
                (looked, pause) = (time.GetTimestamp(), LookEvery);
                if (await TryFindAsync(flow, engine, run, cancellation) is { } hold && hold.Why.Summary != told)
                {
                    told = hold.Why.Summary;
                    flow.Messages.Say(hold.Tell(run.Id));
                }
            }

            if (update is not null) yield return update;
        }
    }

    // The updates themselves wait for a store or a server that is away.
    private static async Task<HoldUp?> TryFindAsync(Invocation flow, IEngineReader engine, DagRun run, CancellationToken cancellation)
    {
        try
        {
            return await HoldUps.FindAsync(flow.Command, engine, run, cancellation);
        }
        catch (Exception away) when (away is StoreException or FlowException)
        {
            return null;
        }
    }
}
