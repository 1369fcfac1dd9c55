using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using NamedLists = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, System.Text.Json.Nodes.JsonNode>>;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The value of <c>map</c>. Whether a template yields a list is asked later, when the params are known.</summary>
internal static class MapKinds
{
    private sealed record MapDraft
    {
        public JsonNode? Over { get; init; }

        public string? As { get; init; }

        public NamedLists? Product { get; init; }

        public NamedLists? Zip { get; init; }
    }

    private static readonly Kind<JsonNode> List = new("a list, or a template that yields one", ListSchema, ReadList);

    private static readonly Kind<NamedLists> Lists = new(
        "a map of lists", () => new JsonObject { ["type"] = "object", ["additionalProperties"] = ListSchema(), ["minProperties"] = 1 }, ReadLists);

    private static readonly FieldTable<MapDraft> Fields = new(
        "map",
        new Field<MapDraft, JsonNode>("over", List, null, "The list: literal, or a template such as \"{{ params.files }}\".", (d, v) => d with { Over = v }),
        new Field<MapDraft, string>("as", Kinds.Text, null, "A name for the element: map.NAME, beside map.item.", (d, v) => d with { As = v }),
        new Field<MapDraft, NamedLists>("product", Lists, null, "Every combination of the lists; the last one varies fastest.", (d, v) => d with { Product = v }),
        new Field<MapDraft, NamedLists>("zip", Lists, null, "Lists of one length, side by side.", (d, v) => d with { Zip = v }));

    public static readonly Kind<MapSpec> Map = new(
        "a list or a map",
        () => Kinds.AnyOf(Kinds.Type("array"), Fields.Schema()),
        ReadMap);

    private static bool ReadMap(YamlNode node, Problems problems, [MaybeNullWhen(false)] out MapSpec value)
    {
        value = null;
        if (node is YamlList)
            value = new ListMap(YamlJson.From(node)!, null);
        else if (node is not YamlMap map)
            problems.Error(node, $"expected a list or a map such as {{ over: [a, b], as: name }}, got {node.Kind}");
        else
            value = Choose(map, Fields.Read(map, new MapDraft(), problems), problems);
        return value is not null;
    }

    private static MapSpec? Choose(YamlMap map, MapDraft draft, Problems problems)
    {
        string[] given = [.. new[] { "over", "product", "zip" }.Where(name => map.Find(name) is { IsNull: false })];
        if (given.Length != 1)
        {
            var what = given.Length == 0 ? "none" : string.Join(" and ", given);
            problems.Error(map, $"a map has exactly one of 'over', 'product' and 'zip'; this one has {what}");
            return null;
        }

        if (draft.As is not null && draft.Over is null && map.Find("over") is null)
            problems.Error(map.Find("as")!, $"'as' belongs to 'over': the lists of '{given[0]}' have names already");
        return draft switch
        {
            { Over: { } over } => new ListMap(over, draft.As),
            { Product: { } lists } => new ProductMap(lists),
            { Zip: { } lists } => new ZipMap(lists),
            _ => null,
        };
    }

    private static bool ReadList(YamlNode node, Problems problems, [MaybeNullWhen(false)] out JsonNode value)
    {
        value = node is YamlList || (node is YamlScalar { IsPlain: false } scalar && scalar.Text.Contains("{{", StringComparison.Ordinal)) ? YamlJson.From(node) : null;
        if (value is null) problems.Error(node, $"expected a list, or a template in quotes that yields one, got {node.Kind}");
        return value is not null;
    }

    private static bool ReadLists(YamlNode node, Problems problems, out NamedLists value)
    {
        var lists = new List<KeyValuePair<string, JsonNode>>();
        value = lists;
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected a map of lists such as {{ year: [2023, 2024], region: [eu, us] }}, got {node.Kind}");
            return false;
        }

        foreach (var (key, list) in map.Entries)
            if (!list.IsNull && ReadList(list, problems, out var items))
                lists.Add(KeyValuePair.Create(key.Text, items));
        if (map.Entries.Count == 0) problems.Error(node, "there are no lists to combine");
        return lists.Count > 0;
    }

    private static JsonObject ListSchema() => Kinds.AnyOf(
        Kinds.Type("array"), new JsonObject { ["type"] = "string", ["pattern"] = @"\{\{.*\}\}" });
}
