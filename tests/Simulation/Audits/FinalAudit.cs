using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;

namespace OrleansFlow.Tests.Simulation.Audits;

/// <summary>What must be true when all is over: nothing owed, nothing held, nothing left behind.</summary>
internal sealed class FinalAudit(Cluster cluster)
{
    public async Task CheckAsync()
    {
        var late = DateTimeOffset.MaxValue;
        foreach (var task in await cluster.Store.ReadUnreportedTasksAsync(late, 10, default)) cluster.Fail($"{task.Task} is still unreported");
        foreach (var run in await cluster.Store.ReadUnreportedRunsAsync(late, 10, default)) cluster.Fail($"{run.Run} is still unreported");
        foreach (var attempt in await cluster.Store.ReadLiveAttemptsAsync(null, default)) cluster.Fail($"{attempt.Key} is still {attempt.State}");
        foreach (var life in cluster.World.Lives)
            cluster.Fail($"{life.Key} {(life.HasEnded ? "was never released" : "still runs in the world")}");
        foreach (var task in cluster.Auditor.Tasks.Values.Where(task => !Domain.Tasks.TaskStates.IsFinished(task.State)))
            cluster.Fail($"{task.Key} is {task.State}, and its run is over");
        await LimitsAsync();
        var told = (await cluster.Store.ReadOutboxAsync(late, int.MaxValue, default)).Count;
        if (told != cluster.Auditor.CallbacksOwed) cluster.Fail($"{cluster.Auditor.CallbacksOwed} callbacks are owed, {told} are there");
        foreach (var dag in cluster.Workload.Dags) Fires(dag);
        cluster.Auditor.Requests.Finish();
    }

    private async Task LimitsAsync()
    {
        foreach (var (counter, counted) in await cluster.Store.ReadLimitDriftAsync(default)) cluster.Fail($"{counter.Key} counts {counter.Used}, not {counted}");
        var runs = cluster.Auditor.Runs.Keys.Select(Domain.Limits.LimitKeys.Run).ToArray();
        foreach (var counter in await cluster.Store.ReadLimitsAsync(runs, default)) cluster.Fail($"{counter.Key} outlives its run");
    }

    // With catchup every fire from start to end has its run; without, the newest has.
    private void Fires(DagSpec dag)
    {
        if (dag.Schedule is not { Start: { } start, End: { } end } schedule) return;
        var step = schedule.Every ?? TimeSpan.FromMinutes(3);
        var owed = new List<DateTimeOffset>();
        for (var date = start; date <= end; date += step) owed.Add(date);
        var there = cluster.Auditor.Runs.Values.Where(run => run.Dag == dag.Id && run.Kind == RunKind.Scheduled).Select(run => run.LogicalDate).ToList();
        foreach (var date in there.Where(date => !owed.Contains(date) || there.Count(other => other == date) > 1)) cluster.Fail($"{dag.Id}: a run of {date:O}");
        var missing = owed.Except(there).ToArray();
        if (schedule.Catchup && missing.Length > 0) cluster.Fail($"{dag.Id}: no run of {missing[0]:O}, one of {missing.Length} that are missing");
        if (!schedule.Catchup && owed.Count > 1 && missing.Contains(owed[^1])) cluster.Fail($"{dag.Id}: no run of {owed[^1]:O}, the newest fire");
    }
}
