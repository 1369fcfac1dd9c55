using System.Text.Json.Nodes;

namespace OrleansFlow.Client.Dags;

/// <summary>A list that a task is mapped over: its elements, or a template that evaluates to one.</summary>
public sealed class MapList
{
    private MapList(JsonNode node) => Node = node;

    internal JsonNode Node { get; }

    /// <summary>A template such as <c>{{ params.files }}</c>.</summary>
    public static implicit operator MapList(string template) => new(JsonValue.Create(template));

    /// <summary>Any elements.</summary>
    public static implicit operator MapList(JsonArray elements) => FromJson(elements);

    /// <summary>Texts.</summary>
    public static implicit operator MapList(string[] elements) => Of(elements);

    /// <summary>Whole numbers.</summary>
    public static implicit operator MapList(int[] elements) => new(new JsonArray([.. elements.Select(element => JsonValue.Create(element))]));

    /// <summary>Texts.</summary>
    public static MapList Of(params IEnumerable<string> elements) => new(new JsonArray([.. elements.Select(element => JsonValue.Create(element))]));

    /// <summary>Any elements.</summary>
    public static MapList FromJson(JsonArray elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        return new MapList(elements.DeepClone());
    }
}
