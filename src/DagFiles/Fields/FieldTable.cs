using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>
/// All fields of one kind of map. The parser, the JSON schema and the reference page are all made from it, so that they
/// cannot tell different stories.
/// </summary>
/// <param name="scope">What the map describes: <c>dag</c>, <c>task</c>, <c>group</c>, ...</param>
/// <param name="fields">Its fields in the order in which they are documented.</param>
internal sealed class FieldTable<TDraft>(string scope, params Field<TDraft>[] fields)
{
    private const int MostListed = 12;

    private readonly Dictionary<string, Field<TDraft>> _byName = fields.ToDictionary(field => field.Name);

    public string Scope { get; } = scope;

    public IReadOnlyList<Field<TDraft>> Fields { get; } = fields;

    /// <summary>Reads a map into a draft. A null value means that the field was not given.</summary>
    public TDraft Read(YamlMap map, TDraft draft, Problems problems)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (_byName.TryGetValue(key.Text, out var field))
                draft = value.IsNull ? draft : field.Apply(draft, value, problems);
            else if (Refusal(key, value, problems) is { } message)
                problems.Error(key, message);
        }

        foreach (var field in Fields)
            if (field.IsRequired && map.Find(field.Name) is null or { IsNull: true })
                problems.Error(map, $"'{field.Name}' is missing: {field.Description}");
        return draft;
    }

    /// <summary>The table as a kind of value.</summary>
    public Kind<TDraft> AsKind(string label, Func<TDraft> create) => new(label, Schema, (YamlNode node, Problems problems, [MaybeNullWhen(false)] out TDraft value) =>
    {
        value = create();
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected {label}, got {node.Kind}");
            return false;
        }

        value = Read(map, value, problems);
        return true;
    });

    /// <summary>The JSON schema of such a map.</summary>
    public JsonObject Schema()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Fields.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Schema()))),
            ["additionalProperties"] = false,
        };
        if (Fields.Any(field => field.IsRequired))
            schema["required"] = new JsonArray([.. Fields.Where(field => field.IsRequired).Select(field => JsonValue.Create(field.Name))]);
        return schema;
    }

    private string? Refusal(YamlScalar key, YamlNode value, Problems problems)
    {
        if (NotYet.Find(Scope, key.Text) is { } planned)
            return NotYet.MeansNothing(value) ? null : planned.Message;
        if (OtherTools.Find(Scope, key.Text) is { } ours && _byName.ContainsKey(ours))
            return $"unknown field '{key.Text}'. Did you mean '{ours}'?";

        var hint = problems.Hint(key.Text, _byName.Keys);
        if (hint.Length == 0 && Fields.Count <= MostListed) hint = $" A {Scope} knows {string.Join(", ", _byName.Keys)}";
        return $"unknown field '{key.Text}'.{hint}";
    }
}
