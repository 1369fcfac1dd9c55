using System.Globalization;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Explaining;

/// <summary>What keeps a run in the queue.</summary>
/// <param name="IsPaused">Its DAG is paused; otherwise a limit is reached.</param>
/// <param name="Why">In words.</param>
internal sealed record HoldUp(bool IsPaused, Explanation Why)
{
    /// <summary>The same in one line, to those who wait for the run.</summary>
    public string Tell(RunId run) => $"run {run} waits in the queue: {Why.Summary}; what to do: {Why.Advice}";
}

/// <summary>Finds what keeps runs in the queue.</summary>
internal static class HoldUps
{
    private const int MostNamed = 5;
    private const int MostCounted = 1000;

    /// <summary>Null: it is not queued, or starts as soon as the engine is hosted.</summary>
    /// <param name="command">See <see cref="Invocation.Command"/>.</param>
    /// <param name="engine">Where the run is.</param>
    /// <param name="run">It.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<HoldUp?> FindAsync(Func<string, string> command, IEngineReader engine, DagRun run, CancellationToken cancellation)
    {
        if (run.State != RunState.Queued || await engine.FindDagAsync(run.Dag, cancellation) is not { } head) return null;
        if (head.Paused)
            return new HoldUp(true, new Explanation(
                $"DAG {run.Dag} is paused, and no run of it leaves the queue", [],
                $"{command($"dags unpause {run.Dag}")}, then {command($"runs watch {run.Id}")}"));
        if (head.CurrentHash is not { } hash || await engine.FindVersionAsync(run.Dag, hash, cancellation) is not { } version) return null;
        var limit = CanonicalJson.Read(version.Spec).MaxActiveRuns;
        var filter = new RunFilter { Dag = run.Dag, States = [RunState.Running], Limit = MostCounted };
        var running = await engine.Queries.ListRunsAsync(filter, cancellation);
        return running.Count < limit ? null : new HoldUp(false, new Explanation(
            string.Create(CultureInfo.InvariantCulture, $"max_active_runs of DAG {run.Dag} is reached: {Words.Count(running.Count, "run")} of {limit} running"),
            [.. running.Take(MostNamed).Select(other => $"run {other.Run.Id} is running")],
            "wait until one of them ends, or raise max_active_runs in the DAG file and apply it"));
    }
}
