using System.Text.Json;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Templates;

/// <summary>An xcom that a text reads.</summary>
/// <param name="Task">The upstream task that leaves it.</param>
/// <param name="Key">Its key.</param>
public readonly record struct XcomReference(TaskId Task, string Key)
{
    /// <summary><c>xcom.task.key</c>.</summary>
    public override string ToString() => $"xcom.{Task}.{Key}";
}

/// <summary>The values behind the names of a <see cref="TemplateScope"/>. Immutable.</summary>
public sealed record TemplateContext
{
    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    /// <summary>The names that exist: the scope that the text was checked with.</summary>
    public required TemplateScope Scope { get; init; }

    /// <summary><c>dag.id</c>.</summary>
    public required DagId Dag { get; init; }

    /// <summary><c>run.id</c>.</summary>
    public required RunId Run { get; init; }

    /// <summary><c>run.logical_date</c>, and by other formats <c>ds</c>, <c>ds_nodash</c>, <c>ts</c>, <c>ts_nodash</c>.</summary>
    public required DateTimeOffset LogicalDate { get; init; }

    /// <summary><c>run.data_interval_start</c>.</summary>
    public required DateTimeOffset DataIntervalStart { get; init; }

    /// <summary><c>run.data_interval_end</c>.</summary>
    public required DateTimeOffset DataIntervalEnd { get; init; }

    /// <summary><c>task.id</c>. Needed when the scope has a task.</summary>
    public TaskId? Task { get; init; }

    /// <summary><c>attempt.epoch</c>. Needed when the scope has an attempt.</summary>
    public int? Epoch { get; init; }

    /// <summary><c>params</c>: a JSON object. Default: empty.</summary>
    public JsonElement Params { get; init; } = EmptyObject;

    /// <summary>
    /// The xcoms that exist, at least of those that the text refers to (<see cref="Template.Xcoms"/>). Of a mapped task: the
    /// list of its instances' values by map index. Default: none.
    /// </summary>
    public IReadOnlyDictionary<XcomReference, JsonElement> Xcoms { get; init; } = new Dictionary<XcomReference, JsonElement>();

    /// <summary><c>map.item</c>. Needed when the scope is mapped.</summary>
    public JsonElement? MapItem { get; init; }

    /// <summary><c>map.index</c>, from 0. Needed when the scope is mapped.</summary>
    public int? MapIndex { get; init; }
}
