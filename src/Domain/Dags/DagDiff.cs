using System.Text.Json;

namespace OrleansFlow.Domain.Dags;

/// <summary>A difference between two versions of a DAG.</summary>
/// <param name="Path">Where, such as <c>tasks.train_model.retries</c>.</param>
/// <param name="Before">The old value as JSON; null when there was none, and a default holds where there is one.</param>
/// <param name="After">The new value as JSON; null when there is none.</param>
public sealed record DagChange(string Path, string? Before, string? After);

/// <summary>Compares two versions by their canonical JSON. Pure and thread-safe.</summary>
public static class DagDiff
{
    /// <summary>
    /// Every difference, in the order of the paths. Tasks and groups are compared by id; where only their order changed, one
    /// change of the path <c>tasks</c> (or <c>groups</c>) tells the ids.
    /// </summary>
    /// <param name="before">Canonical JSON of the old version.</param>
    /// <param name="after">Canonical JSON of the new version.</param>
    /// <exception cref="JsonException">One of them is no JSON.</exception>
    public static IReadOnlyList<DagChange> Compare(string before, string after)
    {
        using var old = JsonDocument.Parse(before);
        using var young = JsonDocument.Parse(after);
        var changes = new List<DagChange>();
        Compare("", old.RootElement, young.RootElement, changes);
        return changes;
    }

    private static void Compare(string path, JsonElement before, JsonElement after, List<DagChange> changes)
    {
        if (JsonElement.DeepEquals(before, after)) return;
        if (before.ValueKind == JsonValueKind.Object && after.ValueKind == JsonValueKind.Object)
            CompareMembers(path, Members(before), Members(after), changes);
        else if (ById(before) is { } old && ById(after) is { } young)
            CompareEntries(path, old, young, changes);
        else
            changes.Add(new DagChange(path, before.GetRawText(), after.GetRawText()));
    }

    private static void CompareEntries(
        string path, IReadOnlyList<KeyValuePair<string, JsonElement>> before, IReadOnlyList<KeyValuePair<string, JsonElement>> after, List<DagChange> changes)
    {
        var count = changes.Count;
        CompareMembers(path, before.ToDictionary(), after.ToDictionary(), changes);
        if (changes.Count == count) changes.Add(new DagChange(path, Ids(before), Ids(after)));
    }

    private static void CompareMembers(
        string path, Dictionary<string, JsonElement> before, Dictionary<string, JsonElement> after, List<DagChange> changes)
    {
        foreach (var name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            var (had, has) = (before.TryGetValue(name, out var old), after.TryGetValue(name, out var young));
            if (had && has) Compare(inner, old, young, changes);
            else changes.Add(new DagChange(inner, had ? old.GetRawText() : null, has ? young.GetRawText() : null));
        }
    }

    private static Dictionary<string, JsonElement> Members(JsonElement map) => map.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);

    /// <summary>The elements of a list by their ids; null for other lists.</summary>
    private static List<KeyValuePair<string, JsonElement>>? ById(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array) return null;
        var entries = new List<KeyValuePair<string, JsonElement>>();
        var ids = new HashSet<string>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out var id) || !ids.Add(id.GetString()!)) return null;
            entries.Add(KeyValuePair.Create(id.GetString()!, item));
        }

        return entries;
    }

    private static string Ids(IEnumerable<KeyValuePair<string, JsonElement>> entries) =>
        $"[{string.Join(',', entries.Select(entry => $"\"{entry.Key}\""))}]";
}
