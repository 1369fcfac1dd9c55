using System.Globalization;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Following;

/// <summary>What keeps a run in the queue.</summary>
/// <param name="IsPaused">Its DAG is paused; otherwise a limit is reached.</param>
/// <param name="Why">In words.</param>
internal sealed record HoldUp(bool IsPaused, Explanation Why);

/// <summary>Finds what keeps runs in the queue, and tells it to those who wait for them.</summary>
internal static class HoldUps
{
    private const int MostNamed = 5;
    private const int MostCounted = 1000;

    /// <summary>A run that stays queued is looked into again after so many looks: the reason may change.</summary>
    private const int LookEvery = 50;

    /// <summary>Null: it is not queued, or starts as soon as the engine is hosted.</summary>
    public static async Task<HoldUp?> FindAsync(IQueries queries, DagRun run, CancellationToken cancellation)
    {
        if (run.State != RunState.Queued || await queries.GetDagAsync(run.Dag, cancellation) is not { } dag) return null;
        if (dag.Head.Paused)
            return new HoldUp(true, new Explanation(
                $"DAG {run.Dag} is paused, and no run of it leaves the queue", [], $"flow dags unpause {run.Dag}, then flow runs watch {run.Id}"));
        if (Targets.Current(dag) is not { } version) return null;
        var limit = CanonicalJson.Read(version.Spec).MaxActiveRuns;
        var filter = new RunFilter { Dag = run.Dag, States = [RunState.Running], Limit = MostCounted };
        var running = await queries.ListRunsAsync(filter, cancellation);
        return running.Count < limit ? null : new HoldUp(false, new Explanation(
            string.Create(CultureInfo.InvariantCulture, $"max_active_runs of DAG {run.Dag} is reached: {Words.Count(running.Count, "run")} of {limit} running"),
            [.. running.Take(MostNamed).Select(other => $"run {other.Run.Id} is running")],
            "wait until one of them ends, or raise max_active_runs in the DAG file and apply it"));
    }

    /// <summary>Passes updates on, and says what keeps the run in the queue when that is new.</summary>
    public static async IAsyncEnumerable<RunUpdate> TellAsync(Invocation flow, IQueries queries, IAsyncEnumerable<RunUpdate> updates)
    {
        var looks = 0;
        string? told = null;
        await foreach (var update in updates)
        {
            var run = update.Detail.Run;
            if (run.State == RunState.Queued && looks++ % LookEvery == 0
                && await FindIfStoreAnswersAsync(queries, run) is { } hold && hold.Why.Summary != told)
            {
                told = hold.Why.Summary;
                flow.Messages.Say($"run {run.Id} waits in the queue: {told}; what to do: {hold.Why.Advice}");
            }

            yield return update;
        }
    }

    // The updates themselves wait for a store that is away.
    private static async Task<HoldUp?> FindIfStoreAnswersAsync(IQueries queries, DagRun run)
    {
        try
        {
            return await FindAsync(queries, run, CancellationToken.None);
        }
        catch (StoreException)
        {
            return null;
        }
    }
}
