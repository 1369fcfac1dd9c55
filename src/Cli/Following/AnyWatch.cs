using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Following;

/// <summary>
/// <c>flow runs watch</c>: follows any run. When nobody hosts the engine, or its host dies meanwhile, this process hosts it, unless a server
/// has come to do so. Ctrl-C and SIGTERM end the watching, not the run: what it ran here is left to the next host.
/// </summary>
internal sealed class AnyWatch(Invocation flow)
{
    /// <summary>At five a second: as long as a host that hangs stays in charge.</summary>
    private const int MostRefusals = 50;

    private HistoryPlace _from = new(FromNow: flow.Output.ForPeople);
    private int _refused;

    /// <summary>Follows a run to its end. Returns the exit code.</summary>
    /// <param name="name">The run as the command line names it.</param>
    /// <param name="cancellation">Leaves it.</param>
    public async Task<int> FollowAsync(string name, CancellationToken cancellation)
    {
        var run = default(RunId?);
        while (true)
        {
            await using (var reader = await flow.ReadAsync(cancellation))
            {
                run ??= (await Targets.FindRunAsync(reader.Queries, name, cancellation)).Run.Id;
                if (reader.Server is not null) return await FollowServerAsync(reader, run.Value);
                if (await FollowOthersAsync(reader, run.Value, cancellation) is { } code) return code;
            }

            try
            {
                return await HostAndFollowAsync(run.Value, cancellation);
            }
            catch (HostBusyException busy)
            {
                // somebody may be starting or ending just now; whoever stays without hosting our run is not going to
                if (++_refused >= MostRefusals) throw;
                flow.Messages.Detail(busy.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(200), flow.Screen.Time, cancellation);
            }
        }
    }

    private Task<int> FollowServerAsync(IEngineReader engine, RunId run) =>
        ServerWatch.FollowAsync(flow, engine, run, _from, View(engine), tellEnd: flow.Output.ForPeople);

    /// <summary>Follows it while some other process hosts it. Null: none does, and the run has not ended.</summary>
    private async Task<int?> FollowOthersAsync(IEngineReader reader, RunId run, CancellationToken cancellation)
    {
        try
        {
            var updates = QueueNotices.TellAsync(flow, reader, WhileHosted(reader, run, cancellation), cancellation);
            var detail = await View(reader).ShowAsync(updates);
            if (detail.Run.State.IsFinished()) return await EndAsync(reader, detail);
            await RunWatch.RefuseIfPausedAsync(flow, reader, detail, cancellation);
        }
        catch (StoreException)
        {
            if (await reader.FindHostAsync(cancellation) is not null) throw;
            flow.Messages.Detail("the host has died, and its PostgreSQL with it");
        }

        return null;
    }

    private async Task<int> HostAndFollowAsync(RunId run, CancellationToken cancellation)
    {
        await using var engine = await flow.HostAsync(cancellation);
        if (engine.Server is { } server)
        {
            flow.Messages.Say($"{server.Origin} hosts the engine now; following run {run}");
            return await FollowServerAsync(engine, run);
        }

        flow.Messages.Say($"this process hosts the engine now; run {run} goes on");
        await using var notices = new NoticePump(engine, flow.Messages);
        try
        {
            var updates = QueueNotices.TellAsync(flow, engine, engine.FollowAsync(run, _from, cancellation), cancellation);
            return await EndAsync(engine, await View(engine).ShowAsync(updates));
        }
        catch (OperationCanceledException)
        {
            RunWatch.SayLeft(flow, run);
            throw;
        }
    }

    /// <summary>Updates for as long as the run goes on and some process hosts the engine; one at least.</summary>
    private async IAsyncEnumerable<RunUpdate> WhileHosted(
        IEngineReader reader, RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? host = null;
        await foreach (var update in reader.FollowAsync(run, _from, cancellation))
        {
            // It goes on, whoever hosts it.
            if (update.Place.After > _from.After) _refused = 0;
            _from = update.Place;
            yield return update;
            if (update.Run.State.IsFinished()) yield break;
            var before = host;
            host = await reader.FindHostAsync(cancellation);
            if (host is null) yield break;
            if (host != before) flow.Messages.Say($"{host} hosts the engine; following run {run}");
        }
    }

    private IRunView View(IEngineReader engine) => flow.Output.ForPeople ? RunViews.Choose(flow, engine) : new StreamRunView(flow.Output);

    private async Task<int> EndAsync(IEngineReader engine, RunDetail detail)
    {
        if (flow.Output.ForPeople) await RunSummary.WriteAsync(flow, engine, detail, CancellationToken.None);
        return RunWatch.CodeOf(detail.Run.State);
    }
}
