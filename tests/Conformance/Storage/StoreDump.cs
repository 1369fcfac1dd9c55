using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>Everything that a store answers, as text that two stores can be compared by.</summary>
internal static class StoreDump
{
    private static readonly JsonSerializerOptions Json = new()
    {
        IncludeFields = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<IReadOnlyList<string>> OfAsync(StoreUnderTest store, RandomSteps world)
    {
        var lines = new List<string>();
        void Add(string what, object? answer) => lines.Add($"{what}: {JsonSerializer.Serialize(answer, Json)}");
        var (reader, queries, none) = (store.Reader, store.Queries, CancellationToken.None);

        foreach (var dag in await queries.ListDagsAsync(none))
        {
            Add("dag", dag with { RunsByState = new SortedDictionary<Domain.Runs.RunState, int>(dag.RunsByState.ToDictionary()) });
            Add("versions", await queries.GetDagAsync(dag.Head.Id, none));
            Add("open", await reader.ReadOpenRunsAsync(dag.Head.Id, none));
        }

        foreach (var run in await queries.ListRunsAsync(new RunFilter { Limit = 1000 }, none))
        {
            Add("run", run with { TasksByState = new SortedDictionary<Domain.Tasks.TaskState, int>(run.TasksByState.ToDictionary()) });
            Add("detail", await queries.GetRunAsync(run.Run.Id, none));
            Add("xcoms", await reader.ReadXcomsAsync(run.Run.Id, world.TaskIds, none));
            foreach (var task in await reader.ReadTasksAsync(run.Run.Id, none)) Add("checkpoint", await reader.ReadCheckpointAsync(task.Key, none));
            Add("history", (await queries.GetHistoryAsync(run.Run.Id, null, 0, 10_000, none)).Select(entry => entry.Event));
        }

        var horizon = world.Horizon;
        Add("pools", await queries.ListPoolsAsync(none));
        foreach (var pool in world.Pools) Add($"waiters of {pool}", await reader.ReadWaitersAsync(pool, 1000, none));
        Add("limits", await reader.ReadLimitsAsync(world.LimitKeys, none));
        Add("drift", await reader.ReadLimitDriftAsync(none));
        Add("due", await reader.ReadDueAsync(horizon, 1000, none));
        Add("unreported tasks", await reader.ReadUnreportedTasksAsync(horizon, 1000, none));
        Add("unreported runs", await reader.ReadUnreportedRunsAsync(horizon, 1000, none));
        Add("live runs", await reader.ReadLiveRunsAsync(null, 1000, none));
        Add("live attempts", await reader.ReadLiveAttemptsAsync(null, none));
        Add("outbox", await reader.ReadOutboxAsync(horizon, 1000, none));
        Add("requests", await reader.ReadRequestsAsync(world.RequestIds, none));
        return lines;
    }
}
