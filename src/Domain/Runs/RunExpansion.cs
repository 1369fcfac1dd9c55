using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Mapping;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Runs;

/// <summary>The task instances of a run, as they are created. Pure: the same run has the same ones.</summary>
public static class RunExpansion
{
    /// <summary>Makes the rows, all <c>none</c> and with version 0: not stored yet.</summary>
    /// <returns>The rows in the order of the DAG, or the problem in words for the user.</returns>
    public static (IReadOnlyList<TaskInstance> Tasks, string? Problem) Expand(DagGraph graph, DagRun run)
    {
        var tasks = new List<TaskInstance>(graph.Count);
        for (var node = 0; node < graph.Count; node++)
        {
            var spec = graph[node];
            var template = new TaskInstance
            {
                Key = new TaskKey(run.Id, spec.Id),
                Version = 0,
                Pool = spec.Pool,
                PoolSlots = spec.PoolSlots,
                Priority = graph.Priorities[node],
            };
            if (spec.Map is null)
            {
                tasks.Add(template);
                continue;
            }

            var (items, problem) = Items(graph, node, spec.Map, run, template);
            if (problem is not null) return ([], $"task {spec.Id}: {problem}");
            // A map without elements leaves one instance, which is skipped when its turn comes.
            if (items.Count == 0) tasks.Add(template);
            tasks.AddRange(items.Select((item, i) => template with { Key = template.Key with { MapIndex = i }, MapItem = item }));
        }

        return (tasks, null);
    }

    private static (IReadOnlyList<string> Items, string? Problem) Items(DagGraph graph, int node, MapSpec map, DagRun run, TaskInstance task)
    {
        var scope = TaskNames.Scope(graph, node, hasAttempt: false) with { IsMapped = false, MapAs = null };
        return MapExpansion.Expand(map, TaskNames.Values(scope, run, task, null, new Dictionary<XcomReference, System.Text.Json.JsonElement>()));
    }
}
