using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>A task while it is read: what needs the other tasks to be understood is still raw.</summary>
internal sealed record TaskDraft
{
    /// <summary>What is understood so far.</summary>
    public required TaskSpec Spec { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public string? Script { get; init; }

    public IReadOnlyList<string>? Shell { get; init; }

    public bool Noop { get; init; }

    public IReadOnlyList<NeedName<YamlNode>> Needs { get; init; } = [];

    public IReadOnlyList<InputName<YamlNode>> Inputs { get; init; } = [];

    public MapSpec? Map { get; init; }

    public int? MaxMapLength { get; init; }

    /// <summary>What only Kubernetes reads, by field.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonNode?>> Kubernetes { get; init; } = [];

    public static TaskDraft New(string id) => new() { Spec = new TaskSpec { Id = new TaskId(id), Action = new NoopAction() } };

    /// <summary>The task as far as it can be understood by itself.</summary>
    public TaskSpec Finish(TaskAction action) => Spec with
    {
        Action = action,
        Map = Map is null ? null : Map with { MaxLength = MaxMapLength ?? Map.MaxLength },
        Kubernetes = Kubernetes.Count == 0 ? null : new JsonObject(Kubernetes),
    };

    public TaskDraft WithKubernetes(string name, JsonNode? value) =>
        this with { Kubernetes = [.. Kubernetes, KeyValuePair.Create(name, value)] };
}

/// <summary>A DAG while it is read.</summary>
internal sealed record DagDraft
{
    public required DagSpec Spec { get; init; }

    public YamlMap? Defaults { get; init; }

    public YamlMap? Groups { get; init; }

    public YamlMap? Tasks { get; init; }
}

/// <summary>A group while it is read.</summary>
internal sealed record GroupDraft
{
    public string? Description { get; init; }

    public IReadOnlyList<NeedName<YamlNode>> Needs { get; init; } = [];

    public YamlMap? Defaults { get; init; }

    public YamlMap? Groups { get; init; }

    public YamlMap? Tasks { get; init; }
}
