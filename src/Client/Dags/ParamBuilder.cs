using System.Text.Json.Nodes;

namespace OrleansFlow.Client.Dags;

/// <summary>A parameter of runs while it is written: a JSON schema.</summary>
public sealed class ParamBuilder
{
    internal ParamBuilder()
    {
    }

    internal JsonObject Schema { get; } = [];

    /// <summary>A text.</summary>
    public ParamBuilder Text() => Set("type", "string");

    /// <summary>A whole number.</summary>
    public ParamBuilder Whole() => Set("type", "integer");

    /// <summary>A number.</summary>
    public ParamBuilder Number() => Set("type", "number");

    /// <summary>True or false.</summary>
    public ParamBuilder Flag() => Set("type", "boolean");

    /// <summary>A list.</summary>
    public ParamBuilder List() => Set("type", "array");

    /// <summary>The value of runs that are given none.</summary>
    public ParamBuilder Default(JsonNode? value) => Set("default", value);

    /// <summary>One line for people.</summary>
    public ParamBuilder Description(string text) => Set("description", text);

    /// <summary>The only values it may have.</summary>
    public ParamBuilder OneOf(params IEnumerable<JsonNode?> values) => Set("enum", new JsonArray([.. values.Select(value => value?.DeepClone())]));

    /// <summary>The least number it may be.</summary>
    public ParamBuilder AtLeast(JsonNode least) => Set("minimum", least);

    /// <summary>The greatest number it may be.</summary>
    public ParamBuilder AtMost(JsonNode most) => Set("maximum", most);

    /// <summary>A regular expression that a text must match.</summary>
    public ParamBuilder Pattern(string pattern) => Set("pattern", pattern);

    /// <summary>Any other word of JSON schemas.</summary>
    public ParamBuilder Set(string keyword, JsonNode? value)
    {
        Schema[keyword] = value?.DeepClone();
        return this;
    }
}
