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
    /// <summary>
    /// Follows a run that this command started, and tells its end: Ctrl-C cancels it, or where it runs at a server leaves it there. Returns
    /// the exit code.
    /// </summary>
    /// <param name="flow">The command.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="run">The run.</param>
    /// <param name="after">The place in its history from which on it is told.</param>
    public static async Task<int> FollowOwnAsync(Invocation flow, IEngine engine, RunId run, long after)
    {
        if (engine is IRemoteEngine remote)
            return await RemoteWatch.FollowAsync(flow, remote, run, new EventQuery { Cursor = remote.CursorOf(run) }, RunViews.Choose(flow, engine), tellEnd: true);
        await using var notices = new NoticePump(engine, flow.Messages);
        using var cancelling = new CancelOnInterrupt(flow, engine, run);
        var feed = new RunFeed(engine.Queries, flow.Screen.Time, after, waits: () => true);
        var detail = await RunViews.Choose(flow, engine).ShowAsync(feed.FollowAsync(run, CancellationToken.None));
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
        flow.Messages.Say($"cleared {Output.Words.Count(reply.Affected, "task")} of run {run}");
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
    /// ends the watching, not the run.
    /// </summary>
    public static async Task<int> WatchAsync(Invocation flow, string name, CancellationToken cancellation)
    {
        var after = 0L;
        var run = default(RunId?);
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

                var feed = new RunFeed(reader.Queries, flow.Screen.Time, after, waits: () => reader.FindHost() is not null);
                try
                {
                    var detail = await View(flow, reader).ShowAsync(WhileHosted(flow, reader, feed, run.Value, cancellation));
                    if (detail.Run.State.IsFinished()) return await EndAsync(flow, reader, detail);
                }
                catch (StoreException) when (reader.FindHost() is null)
                {
                    flow.Messages.Detail("the host has died, and its PostgreSQL with it");
                }

                after = feed.After;
            }

            try
            {
                return await HostAndWatchAsync(flow, run.Value, after, cancellation);
            }
            catch (HostBusyException busy)
            {
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
            var feed = new RunFeed(engine.Queries, flow.Screen.Time, after, waits: () => true);
            return await EndAsync(flow, engine, await View(flow, engine).ShowAsync(feed.FollowAsync(run, cancellation)));
        }
        catch (OperationCanceledException)
        {
            flow.Messages.Say($"stopped watching; run {run} goes on whenever the engine is hosted: flow runs watch {run}");
            throw;
        }
    }

    /// <summary>Updates for as long as the run goes on and some process hosts the engine; one at least.</summary>
    private static async IAsyncEnumerable<RunUpdate> WhileHosted(
        Invocation flow, IEngineReader reader, RunFeed feed, RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        int? host = null;
        await foreach (var update in feed.FollowAsync(run, cancellation))
        {
            yield return update;
            if (update.Detail.Run.State.IsFinished()) yield break;
            var before = host;
            host = reader.FindHost();
            if (host is null) yield break;
            if (host != before) flow.Messages.Say($"process {host} hosts the engine; following run {run}");
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
