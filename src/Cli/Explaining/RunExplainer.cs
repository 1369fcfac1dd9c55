using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Explaining;

/// <summary>Why a whole run is as it is.</summary>
internal static class RunExplainer
{
    private const int MostNamed = 10;

    /// <summary>What keeps it in the queue, what of it is at work or waits, or what became of it.</summary>
    /// <param name="command">See <see cref="Invocation.Command"/>.</param>
    /// <param name="engine">Where the run is.</param>
    /// <param name="detail">It.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<Explanation> ExplainAsync(
        Func<string, string> command, IEngineReader engine, RunDetail detail, CancellationToken cancellation)
    {
        var run = detail.Run;
        if (run.State == RunState.Queued)
            return await HoldUps.FindAsync(command, engine, run, cancellation) is { } hold
                ? hold.Why with { Summary = $"its run waits in the queue: {hold.Why.Summary}" }
                : engine.Server is not null ? new Explanation("its run waits in the queue, and starts as soon as its server comes to it", [], null)
                : new Explanation("its run waits in the queue until the engine is hosted", [], command($"runs watch {run.Id}"));

        var finished = run.State.IsFinished();
        var telling = detail.Tasks
            .Where(t => finished ? t.State is TaskState.Failed or TaskState.UpstreamFailed : !t.State.IsFinished())
            .OrderBy(t => Rank(t.State)).ThenBy(t => t.Key)
            .ToList();
        var facts = telling.Take(MostNamed).Select(t => $"{TaskName.Of(t.Key)} is {Names.Of(t.State)} ({Names.Of(t.Reason)})").ToList();
        if (telling.Count > MostNamed) facts.Add($"and {Words.Count(telling.Count - MostNamed, "task")} more");
        if (!finished && run.CancelRequested) facts.Add("it is being cancelled");
        var detailed = string.IsNullOrEmpty(run.Detail) ? "" : $": {run.Detail}";
        return new Explanation(
            finished ? $"it has ended as {Names.Of(run.State)}{detailed}"
                : $"{Words.Count(telling.Count, "task")} of it {(telling.Count == 1 ? "has" : "have")} not ended yet{detailed}",
            facts,
            Cause(telling) is { } cause ? $"{command($"why {run.Id} {TaskName.Of(cause.Key)}")} says more" : null);
    }

    /// <summary>The first that something other than a task of its run holds up, such as a pool; else the first.</summary>
    private static TaskInstance? Cause(List<TaskInstance> telling) =>
        telling.FirstOrDefault(t => Rank(t.State) == HeldUp) ?? (telling.Count > 0 ? telling[0] : null);

    private const int HeldUp = 1;

    /// <summary>What works or has failed, then what is held up, then what only follows from those.</summary>
    private static int Rank(TaskState state) => state switch
    {
        TaskState.Running or TaskState.Failed => 0,
        TaskState.None or TaskState.UpstreamFailed => 2,
        _ => HeldUp,
    };
}
