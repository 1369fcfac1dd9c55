namespace OrleansFlow.DagFiles.Yaml;

/// <summary>The merge rule of the format: maps merge by key, anything else replaces, <c>null</c> removes.</summary>
internal static class YamlMerge
{
    /// <summary>Lays <paramref name="upper"/> over <paramref name="lower"/>; every node keeps the place where it was written.</summary>
    public static YamlMap Merge(YamlMap? lower, YamlMap upper)
    {
        if (lower is null || lower.Entries.Count == 0) return upper;

        var over = upper.Entries.ToDictionary(entry => entry.Name);
        var merged = new List<YamlEntry>(lower.Entries.Count + upper.Entries.Count);
        foreach (var below in lower.Entries)
        {
            if (!over.Remove(below.Name, out var above))
                merged.Add(below);
            else if (!above.Value.IsNull)
                merged.Add(Over(below, above));
        }

        merged.AddRange(upper.Entries.Where(entry => over.ContainsKey(entry.Name)));
        var result = new YamlMap(merged, upper.Line, upper.Column);
        if (upper.Parent is not null) result.PutInto(upper.Parent, upper.Segment);
        return result;
    }

    private static YamlEntry Over(YamlEntry below, YamlEntry above) =>
        below.Value is YamlMap lower && above.Value is YamlMap upper ? new YamlEntry(above.Key, Merge(lower, upper)) : above;
}
