using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Templates;

/// <summary>Which names exist where a text stands: known when a DAG is applied, before there are any values. Immutable.</summary>
/// <remarks>
/// Always known: <c>run.id, run.logical_date, run.data_interval_start, run.data_interval_end, dag.id, ds, ds_nodash, ts,
/// ts_nodash</c>.
/// </remarks>
public sealed record TemplateScope
{
    /// <summary>Names of the DAG's declared parameters: <c>params.NAME</c>. Default: none.</summary>
    public IReadOnlyCollection<string> Params { get; init; } = [];

    /// <summary>
    /// Tasks whose xcoms may be read, <c>xcom.TASK.KEY</c>: all those upstream, direct or not. Default: none. Only texts with
    /// <see cref="Template.UsesXcom"/> ask for it, so that a large DAG need not compute it for each of its tasks.
    /// </summary>
    public IReadOnlySet<TaskId> UpstreamTasks { get; init; } = new HashSet<TaskId>();

    /// <summary>
    /// The groups around the text's task, innermost first: a task of theirs may be named without the group's id, as in <c>needs</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Whether the text belongs to a task: <c>task.id</c>. Default true; false for what belongs to the DAG.</summary>
    public bool HasTask { get; init; } = true;

    /// <summary>
    /// Whether an attempt exists: <c>attempt.epoch</c>. Default true; false for what is decided before, such as <c>when</c> and
    /// <c>map</c>.
    /// </summary>
    public bool HasAttempt { get; init; } = true;

    /// <summary>Whether the task is mapped: <c>map.item</c>, <c>map.index</c>. Default false.</summary>
    public bool IsMapped { get; init; }

    /// <summary>The user's own name for the element, <c>map.NAME</c> beside <c>map.item</c>. Default: none.</summary>
    public string? MapAs { get; init; }
}
