using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>Reads a value, or reports what is wrong with it and returns false.</summary>
internal delegate bool ReadValue<T>(YamlNode node, Problems problems, [MaybeNullWhen(false)] out T value);

/// <summary>A kind of value that a field can hold: how it is called, how editors check it, and how it is read.</summary>
/// <param name="Label">What people call it: <c>a duration</c>.</param>
/// <param name="Schema">Makes its JSON schema.</param>
/// <param name="Read">Reads it.</param>
internal sealed record Kind<T>(string Label, Func<JsonObject> Schema, ReadValue<T> Read);

/// <summary>A row of a field table: everything the parser, the JSON schema and the documentation know of a field.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">What people call its values.</param>
/// <param name="Default">What holds when it is not given; null: nothing.</param>
/// <param name="Description">One sentence or two for people.</param>
internal abstract record Field<TDraft>(string Name, string Type, JsonNode? Default, string Description)
{
    /// <summary>Whether the map is of no use without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The draft with the field's value, or unchanged after a problem was reported.</summary>
    public abstract TDraft Apply(TDraft draft, YamlNode node, Problems problems);

    /// <summary>The JSON schema of the field's values.</summary>
    public abstract JsonObject Schema();
}

/// <inheritdoc/>
internal sealed record Field<TDraft, T>(
    string Name, Kind<T> Kind, JsonNode? Default, string Description, Func<TDraft, T, TDraft> Set)
    : Field<TDraft>(Name, Kind.Label, Default, Description)
{
    public override TDraft Apply(TDraft draft, YamlNode node, Problems problems) =>
        Kind.Read(node, problems, out var value) ? Set(draft, value) : draft;

    public override JsonObject Schema()
    {
        var schema = OrNull(Kind.Schema());
        schema["description"] = Description;
        if (Default is not null) schema["default"] = Default.DeepClone();
        return schema;
    }

    /// <summary>Any field may be null: not given, or taken away from what is inherited.</summary>
    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["enum"] is JsonArray choices)
            choices.Add(null);
        else if (schema["anyOf"] is JsonArray kinds)
            kinds.Add(new JsonObject { ["type"] = "null" });
        else if (schema["$ref"] is { } reference)
            return new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = reference.DeepClone() }, new JsonObject { ["type"] = "null" }) };
        else if (schema["type"] is JsonValue type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }
}
