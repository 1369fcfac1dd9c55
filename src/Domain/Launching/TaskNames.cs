using System.Text.Json;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Launching;

/// <summary>Which names the templates of a task know, and their values. Pure.</summary>
public static class TaskNames
{
    /// <summary>The names of a task's templates.</summary>
    /// <param name="graph">The DAG.</param>
    /// <param name="node">The task.</param>
    /// <param name="hasAttempt">False for what is decided before there is an attempt, such as <c>when</c>.</param>
    public static TemplateScope Scope(DagGraph graph, int node, bool hasAttempt = true) => new()
    {
        Params = [.. graph.Spec.Params.Keys],
        UpstreamTasks = graph.Ancestors(node),
        Groups = graph.Groups(node),
        HasAttempt = hasAttempt,
        IsMapped = graph[node].Map is not null,
        MapAs = (graph[node].Map as ListMap)?.As,
    };

    /// <summary>The values behind the names of an instance.</summary>
    /// <param name="scope">The names.</param>
    /// <param name="run">The run.</param>
    /// <param name="task">The instance.</param>
    /// <param name="epoch">The attempt; null when there is none yet.</param>
    /// <param name="xcoms">The committed xcoms of those above it, at least of those that are referred to.</param>
    public static TemplateContext Values(
        TemplateScope scope, DagRun run, TaskInstance task, int? epoch, IReadOnlyDictionary<XcomReference, JsonElement> xcoms) => new()
        {
            Scope = scope,
            Dag = run.Dag,
            Run = run.Id,
            LogicalDate = run.LogicalDate,
            DataIntervalStart = run.DataIntervalStart,
            DataIntervalEnd = run.DataIntervalEnd,
            Task = task.Key.Task,
            Epoch = epoch,
            Params = JsonElement.Parse(run.Params),
            Xcoms = xcoms,
            MapItem = task.MapItem is { } item ? JsonElement.Parse(item) : null,
            MapIndex = task.Key.IsMapped ? task.Key.MapIndex : null,
        };

    /// <summary>The values behind the names of what belongs to a run and not to a task.</summary>
    public static TemplateContext ValuesOfRun(DagGraph graph, DagRun run) => new()
    {
        Scope = new TemplateScope { Params = [.. graph.Spec.Params.Keys], HasTask = false, HasAttempt = false },
        Dag = run.Dag,
        Run = run.Id,
        LogicalDate = run.LogicalDate,
        DataIntervalStart = run.DataIntervalStart,
        DataIntervalEnd = run.DataIntervalEnd,
        Params = JsonElement.Parse(run.Params),
    };

    /// <summary>Xcom rows, each with its value, as values: of a mapped task the list of its instances' values by map index.</summary>
    public static IReadOnlyDictionary<XcomReference, JsonElement> Xcoms(IEnumerable<Xcom> rows) => rows
        .GroupBy(row => new XcomReference(row.Task.Task, row.Key))
        .ToDictionary(group => group.Key, group => group.Any(row => row.Task.IsMapped)
            ? JsonSerializer.SerializeToElement(group.OrderBy(row => row.Task.MapIndex).Select(row => JsonElement.Parse(row.Value!)))
            : JsonElement.Parse(group.First().Value!));

    /// <summary>The xcoms that the <c>when</c> of a task refers to.</summary>
    public static IReadOnlyList<XcomReference> XcomsOfWhen(DagGraph graph, int node) =>
        graph[node].When is { } text && Expressions.Condition.TryParse(text, out var condition, out _) && condition.UsesXcom
            ? condition.Xcoms(Scope(graph, node, hasAttempt: false))
            : [];

    /// <summary>What the <c>when</c> of a task says of an instance.</summary>
    /// <param name="graph">The DAG.</param>
    /// <param name="node">The task.</param>
    /// <param name="run">The run.</param>
    /// <param name="task">The instance.</param>
    /// <param name="xcoms">What has been loaded of the xcoms it refers to.</param>
    public static WhenResult When(
        DagGraph graph, int node, DagRun run, TaskInstance task, XcomValues xcoms)
    {
        if (!Expressions.Condition.TryParse(graph[node].When!, out var condition, out var error))
            return new WhenResult(null, error.ToString());
        var scope = Scope(graph, node, hasAttempt: false);
        foreach (var xcom in condition.UsesXcom ? condition.Xcoms(scope) : [])
        {
            if (!xcoms.Asked.Contains(xcom)) return WhenResult.NeedsValues;
            if (xcoms.Problems.TryGetValue(xcom, out var problem)) return new WhenResult(null, problem.Text);
        }

        var result = condition.Evaluate(Values(scope, run, task, null, xcoms.Values));
        return result.Succeeded ? new WhenResult(result.Value) : new WhenResult(null, result.Failure.Message);
    }
}
