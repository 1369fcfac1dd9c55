using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags.Params;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of a map: real lists, of fitting lengths, known before the run begins.</summary>
internal static class MapRules
{
    public static void Check(DagSpec dag, TaskSpec task, SpecProblems problems)
    {
        if (task.Map is not { } map) return;

        if (map.MaxLength is < 1 or > DagLimits.MaxMapLength)
            problems.Error(string.Create(CultureInfo.InvariantCulture, $"must be from 1 to {DagLimits.MaxMapLength}"), "tasks", task.Id.Value, "max_map_length");

        IReadOnlyList<(string[] At, JsonNode List)> lists = map switch
        {
            ListMap { As: null } list => [(["over"], list.Over)],
            ListMap list => CheckName(list.As!, task, problems, "as") ? [(["over"], list.Over)] : [],
            ProductMap product => [.. product.Lists.Select(pair => (new[] { "product", pair.Key }, pair.Value))],
            ZipMap zip => [.. zip.Lists.Select(pair => (new[] { "zip", pair.Key }, pair.Value))],
            _ => [],
        };
        foreach (var (at, list) in lists)
            if (Problem(dag, list) is { } problem)
                problems.Error(problem, ["tasks", task.Id.Value, "map", .. at]);
        CheckLength(map, task, problems);
    }

    private static bool CheckName(string name, TaskSpec task, SpecProblems problems, string field)
    {
        if (name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            && name is not ("item" or "index")) return true;
        problems.Error($"'{name}' cannot be the name of an element: use letters, digits and '_', and not 'item' or 'index'", "tasks", task.Id.Value, "map", field);
        return false;
    }

    private static string? Problem(DagSpec dag, JsonNode list)
    {
        if (list is JsonArray items) return ParamLimits.ProblemWithin(items);
        if (list.GetValueKind() != JsonValueKind.String) return "expected a list, or a template that yields one";

        var text = list.GetValue<string>();
        if (!Template.TryParse(text, out var template, out var errors)) return errors[0].ToString();
        if (!template.IsExpression) return $"'{text}' yields text, not a list: write one expression such as \"{{{{ params.files }}}}\"";
        if (template.UsesXcom)
            return "mapping over what another task returns is part of the file format but not available in this version yet: map over a literal list or a param";
        if (template.Check(new TemplateScope { Params = dag.Params.Keys.ToHashSet(), HasTask = false, HasAttempt = false }) is [var unknown, ..])
            return unknown.ToString();
        return NotAList(dag, template.References);
    }

    /// <summary>A bare parameter whose schema says that it is something else; anything longer is judged when the run begins.</summary>
    private static string? NotAList(DagSpec dag, IReadOnlyList<string> references)
    {
        if (references is not [var only] || !only.StartsWith("params.", StringComparison.Ordinal)) return null;
        return dag.Params.TryGetValue(only["params.".Length..], out var schema) && !ParamSchema.Allows(schema, "array")
            ? $"'{only}' is no list: its schema says type {schema["type"]!.ToJsonString()}. Give it type: array"
            : null;
    }

    private static void CheckLength(MapSpec map, TaskSpec task, SpecProblems problems)
    {
        var lengths = map switch
        {
            ListMap { Over: JsonArray list } => [list.Count],
            ProductMap product => product.Lists.Select(pair => (pair.Value as JsonArray)?.Count ?? 1).ToArray(),
            ZipMap zip => zip.Lists.Select(pair => pair.Value).OfType<JsonArray>().Select(list => list.Count).ToArray(),
            _ => [],
        };
        var isZip = map is ZipMap;
        if (isZip && lengths.Distinct().Count() > 1)
            problems.Error($"the lists of a zip have the same length, these have {string.Join(" and ", lengths)}", "tasks", task.Id.Value, "map", "zip");

        var total = isZip ? lengths.DefaultIfEmpty(0).Max() : lengths.Aggregate(1.0, (product, length) => product * length);
        if (lengths.Length > 0 && total > map.MaxLength)
        {
            problems.Error(
                string.Create(CultureInfo.InvariantCulture, $"the map has {total} elements, at most {map.MaxLength} are allowed: raise max_map_length (up to {DagLimits.MaxMapLength})"),
                "tasks", task.Id.Value, "map");
        }
    }
}
