using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Client;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Following;

/// <summary>Follows runs to their end, for all commands that wait for one.</summary>
internal static class RunWatch
{
    /// <summary>At five a second: as long as a host that hangs stays in charge.</summary>
    private const int MostRefusals = 50;

    /// <summary>
    /// Follows a run that this command started, and tells its end. Ctrl-C cancels it, or where it runs at a server leaves it there; when the
    /// process is told from outside to end, the run is left as it is. Returns the exit code.
    /// </summary>
    /// <param name="flow">The command.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="run">The run.</param>
    /// <param name="after">The place in its history from which on it is told.</param>
    public static async Task<int> FollowOwnAsync(Invocation flow, IEngine engine, RunId run, long after)
    {
        if (engine is IRemoteEngine remote)
            return await RemoteWatch.FollowAsync(flow, remote, run, new EventQuery { Cursor = remote.CursorOf(run) }, RunViews.Choose(flow, engine), tellEnd: true);
        await RefuseIfPausedAsync(engine, await Targets.FindRunAsync(engine.Queries, run.Value, CancellationToken.None), CancellationToken.None);
        await using var notices = new NoticePump(engine, flow.Messages);
        using var cancelling = new CancelOnInterrupt(flow, engine, run);
        var feed = new RunFeed(engine.Queries, flow.Screen.Time, after, waits: () => Task.FromResult(true));
        RunDetail detail;
        try
        {
            detail = await RunViews.Choose(flow, engine).ShowAsync(HoldUps.TellAsync(flow, engine.Queries, feed.FollowAsync(run, cancelling.Leaving)));
        }
        catch (OperationCanceledException)
        {
            if (cancelling.WasAsked) flow.Messages.Say($"leaving before run {run} was cancelled; the next host does the rest: flow runs watch {run}");
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
        var after = engine is IRemoteEngine ? 0 : await RunFeed.FindEndAsync(engine.Queries, run, cancellation);
        var reply = Replies.Check(await engine.Peers.Run(run).ClearAsync(clear, cancellation));
        flow.Messages.Say($"cleared {Words.Count(reply.Affected, "task")} of run {run}");
        if (wait && reply.Affected > 0) return await FollowOwnAsync(flow, engine, run, after);
        return await LeaveAsync(flow, engine, run, cancellation);
    }

    /// <summary>Shows a run that nobody waits for.</summary>
    public static async Task<int> LeaveAsync(Invocation flow, IEngine engine, RunId run, CancellationToken cancellation)
    {
        var detail = await Targets.FindRunAsync(engine.Queries, run.Value, cancellation);
        flow.Output.Show(RunDocument.Of(detail), RunDocument.Shape);
        var where = engine is IRemoteEngine remote ? $"at {remote.Server}" : "whenever the engine is hosted";
        if (!detail.Run.State.IsFinished()) flow.Messages.Say($"it goes on {where}: flow runs watch {run}");
        return ExitCode.Success;
    }

    /// <summary>
    /// <c>flow runs watch</c>: follows any run. When nobody hosts the engine, or its host dies meanwhile, this process hosts it. Ctrl-C
    /// and SIGTERM end the watching, not the run: what it ran here is left to the next host.
    /// </summary>
    public static async Task<int> WatchAsync(Invocation flow, string name, CancellationToken cancellation)
    {
        var after = 0L;
        var run = default(RunId?);
        var refused = 0;
        while (true)
        {
            await using (var reader = await flow.ReadAsync(cancellation))
            {
                if (run is null)
                {
                    run = (await Targets.FindRunAsync(reader.Queries, name, cancellation)).Run.Id;
                    if (reader is IRemoteEngine remote)
                        return await RemoteWatch.FollowAsync(
                            flow, remote, run.Value, new EventQuery { FromNow = flow.Output.ForPeople }, View(flow, reader), tellEnd: flow.Output.ForPeople);
                    if (flow.Output.ForPeople) after = await RunFeed.FindEndAsync(reader.Queries, run.Value, cancellation);
                }

                var feed = new RunFeed(
                    reader.Queries, flow.Screen.Time, after, waits: async () => await reader.FindHostAsync(cancellation) is not null);
                try
                {
                    var updates = HoldUps.TellAsync(flow, reader.Queries, WhileHosted(flow, reader, feed, run.Value, cancellation));
                    var detail = await View(flow, reader).ShowAsync(updates);
                    if (detail.Run.State.IsFinished()) return await EndAsync(flow, reader, detail);
                    await RefuseIfPausedAsync(reader, detail, cancellation);
                }
                catch (StoreException)
                {
                    if (await reader.FindHostAsync(cancellation) is not null) throw;
                    flow.Messages.Detail("the host has died, and its PostgreSQL with it");
                }

                // It went on, whoever hosted it.
                if (feed.After > after) refused = 0;
                after = feed.After;
            }

            try
            {
                return await HostAndWatchAsync(flow, run.Value, after, cancellation);
            }
            catch (HostBusyException busy)
            {
                // somebody may be starting or ending just now; whoever stays without hosting our run is not going to
                if (++refused >= MostRefusals) throw;
                flow.Messages.Detail(busy.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(200), flow.Screen.Time, cancellation);
            }
        }
    }

    private static async Task<int> HostAndWatchAsync(Invocation flow, RunId run, long after, CancellationToken cancellation)
    {
        await using var engine = await flow.HostAsync(cancellation);
        flow.Messages.Say($"this process hosts the engine now; run {run} goes on");
        await using var notices = new NoticePump(engine, flow.Messages);
        try
        {
            var feed = new RunFeed(engine.Queries, flow.Screen.Time, after, waits: () => Task.FromResult(true));
            var updates = HoldUps.TellAsync(flow, engine.Queries, feed.FollowAsync(run, cancellation));
            return await EndAsync(flow, engine, await View(flow, engine).ShowAsync(updates));
        }
        catch (OperationCanceledException)
        {
            SayLeft(flow, run);
            throw;
        }
    }

    private static void SayLeft(Invocation flow, RunId run) => flow.Messages.Say(
        $"leaving run {run} as it is: what runs of it is ended now and run again when the engine is hosted, at no cost of retries; to go on: flow runs watch {run}");

    /// <summary>While this process hosted the engine nobody could unpause the DAG.</summary>
    private static async Task RefuseIfPausedAsync(IEngineReader reader, RunDetail detail, CancellationToken cancellation)
    {
        if (await HoldUps.FindAsync(reader.Queries, detail.Run, cancellation) is not { IsPaused: true }) return;
        throw new CliException(
            ExitCode.Unavailable,
            $"run {detail.Run.Id} stays in the queue while DAG {detail.Run.Dag} is paused; "
            + $"flow dags unpause {detail.Run.Dag}, then flow runs watch {detail.Run.Id}");
    }

    /// <summary>Updates for as long as the run goes on and some process hosts the engine; one at least.</summary>
    private static async IAsyncEnumerable<RunUpdate> WhileHosted(
        Invocation flow, IEngineReader reader, RunFeed feed, RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? host = null;
        await foreach (var update in feed.FollowAsync(run, cancellation))
        {
            yield return update;
            if (update.Detail.Run.State.IsFinished()) yield break;
            var before = host;
            host = await reader.FindHostAsync(cancellation);
            if (host is null) yield break;
            if (host != before) flow.Messages.Say($"{host} hosts the engine; following run {run}");
        }
    }

    /// <summary>The exit code that a run's end stands for.</summary>
    public static int CodeOf(RunState state) => state == RunState.Success ? ExitCode.Success : ExitCode.RunFailed;

    private static IRunView View(Invocation flow, IEngineReader engine) =>
        flow.Output.ForPeople ? RunViews.Choose(flow, engine) : new StreamRunView(flow.Output);

    private static async Task<int> EndAsync(Invocation flow, IEngineReader engine, RunDetail detail)
    {
        if (flow.Output.ForPeople) await RunSummary.WriteAsync(flow, engine, detail, CancellationToken.None);
        return CodeOf(detail.Run.State);
    }
}
