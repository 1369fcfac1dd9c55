using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Params;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Mapping;

/// <summary>Turns a map into its elements. Pure.</summary>
public static class MapExpansion
{
    /// <summary>The elements as compact JSON, in order, or the problem in words for the user.</summary>
    /// <param name="map">The map.</param>
    /// <param name="values">The values of templates in it: parameters and the run's names.</param>
    public static (IReadOnlyList<string> Items, string? Problem) Expand(MapSpec map, TemplateContext values)
    {
        var problem = (string?)null;
        IReadOnlyList<JsonNode?> List(string name, JsonNode source)
        {
            var (list, wrong) = Evaluate(source, values);
            problem ??= wrong is null ? null : $"map.{name}: {wrong}";
            return list;
        }

        var items = map switch
        {
            ListMap list => List("over", list.Over),
            ProductMap product => Product([.. product.Lists.Select(pair => (pair.Key, List(pair.Key, pair.Value)))], map.MaxLength),
            ZipMap zip => Zip([.. zip.Lists.Select(pair => (pair.Key, List(pair.Key, pair.Value)))], ref problem),
            _ => [],
        };
        if (problem is null && items.Count > map.MaxLength)
            problem = $"the map has {items.Count} elements or more, and max_map_length is {map.MaxLength}";
        return problem is null ? ([.. items.Select(item => item?.ToJsonString() ?? "null")], null) : ([], problem);
    }

    private static (IReadOnlyList<JsonNode?> List, string? Problem) Evaluate(JsonNode source, TemplateContext values)
    {
        var element = JsonSerializer.SerializeToElement(source);
        if (element.ValueKind == JsonValueKind.String)
        {
            var text = element.GetString()!;
            if (!Template.TryParse(text, out var template, out var errors)) return ([], errors[0].ToString());
            var result = template.Evaluate(values);
            if (!result.Succeeded) return ([], result.Failure.Message);
            element = result.Value;
        }

        if (element.ValueKind != JsonValueKind.Array) return ([], $"is no list but {element.GetRawText()}");
        JsonNode?[] items = [.. element.EnumerateArray().Select(item => JsonSerializer.SerializeToNode(item))];
        return (items, ParamLimits.ProblemWithin(items));
    }

    // Stops growing just past the limit: products grow fast, and the number is only needed to refuse it.
    private static IReadOnlyList<JsonNode?> Product(IReadOnlyList<(string Name, IReadOnlyList<JsonNode?> List)> lists, int limit)
    {
        IEnumerable<JsonObject> rows = [new JsonObject()];
        foreach (var (name, list) in lists)
            rows = rows.SelectMany(row => list.Select(item => With(row, name, item))).Take(limit + 1).ToArray();
        return [.. rows];
    }

    private static IReadOnlyList<JsonNode?> Zip(IReadOnlyList<(string Name, IReadOnlyList<JsonNode?> List)> lists, ref string? problem)
    {
        if (lists.Select(list => list.List.Count).Distinct().Count() > 1)
            problem ??= $"zip: the lists differ in length: {string.Join(", ", lists.Select(list => $"{list.Name} has {list.List.Count}"))}";
        return problem is not null || lists.Count == 0
            ? []
            : [.. Enumerable.Range(0, lists[0].List.Count)
                .Select(i => lists.Aggregate(new JsonObject(), (row, list) => With(row, list.Name, list.List[i])))];
    }

    private static JsonObject With(JsonObject row, string name, JsonNode? item)
    {
        var next = (JsonObject)row.DeepClone();
        next[name] = item?.DeepClone();
        return next;
    }
}
