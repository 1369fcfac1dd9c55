using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Client.Dags;

/// <summary>Makes those who are told of something.</summary>
public static class Callback
{
    /// <summary>A JSON document is posted there; the address is a template.</summary>
    public static CallbackSpec Webhook(string url) => new() { Webhook = url };

    /// <summary>A program gets the same document on standard input; its words are templates.</summary>
    public static CallbackSpec Command(params IEnumerable<string> words) => new() { Command = [.. words] };
}

/// <summary>Makes rules about failures, for <see cref="TaskBuilder.RetryOn"/> and <see cref="TaskBuilder.FailOn"/>.</summary>
public static class Failure
{
    /// <summary>Any of these exit codes.</summary>
    public static FailureRule ExitCodes(params IEnumerable<int> codes) => new() { ExitCodes = [.. codes] };

    /// <summary>Any of these causes.</summary>
    public static FailureRule Causes(params IEnumerable<AttemptCause> causes) => new() { Reasons = [.. causes] };

    /// <summary>Any of these error classes that the task reports.</summary>
    public static FailureRule Errors(params IEnumerable<string> classes) => new() { Errors = [.. classes] };
}

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
