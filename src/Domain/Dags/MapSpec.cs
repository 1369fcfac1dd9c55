using System.Text.Json.Nodes;

namespace OrleansFlow.Domain.Dags;

/// <summary>What a mapped task is mapped over: one instance for each element, in order.</summary>
public abstract record MapSpec
{
    /// <summary>The greatest number of elements; more is an error.</summary>
    public int MaxLength { get; init; } = 1024;
}

/// <summary>Over one list.</summary>
/// <param name="Over">The list, or a template that evaluates to one.</param>
/// <param name="As">The name the element has in templates as <c>map.NAME</c>, beside <c>map.item</c>; null: only that.</param>
public sealed record ListMap(JsonNode Over, string? As) : MapSpec;

/// <summary>Over every combination; each element is an object with the names as keys. The last list varies fastest.</summary>
/// <param name="Lists">The lists by name, in the order of the file; each a list or a template that evaluates to one.</param>
public sealed record ProductMap(IReadOnlyList<KeyValuePair<string, JsonNode>> Lists) : MapSpec;

/// <summary>Over lists of one length side by side; each element is an object with the names as keys.</summary>
/// <param name="Lists">The lists by name, in the order of the file; each a list or a template that evaluates to one.</param>
public sealed record ZipMap(IReadOnlyList<KeyValuePair<string, JsonNode>> Lists) : MapSpec;
