using System.Globalization;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Store;

/// <summary>Reads <see cref="AttemptPaths"/> backwards: from a folder's path to what it holds.</summary>
internal static class StoredNames
{
    /// <summary>What lies at a path below the root; null when it is none of ours.</summary>
    /// <param name="path"><c>{dag}/{run}/{task}[/{map index}]/_attempts/{epoch}</c> or <c>.../_checkpoints/{epoch}-{number}</c>.</param>
    public static StoredPrefix? Parse(string path)
    {
        var parts = path.Split('/');
        if (parts.Length is < 5 or > 6) return null;
        var mapIndex = TaskKey.NotMapped;
        if (parts.Length == 6 && !TryNumber(parts[3], out mapIndex)) return null;
        var task = new TaskKey(new RunId(parts[1]), new TaskId(parts[2]), mapIndex);
        var dag = new DagId(parts[0]);
        return parts[^2] switch
        {
            AttemptPaths.Attempts when TryNumber(parts[^1], out var epoch) => new StoredPrefix(dag, new AttemptKey(task, epoch), null),
            AttemptPaths.Checkpoints when ParseCheckpoint(parts[^1]) is { } key =>
                new StoredPrefix(dag, new AttemptKey(task, key.Epoch), key.Number),
            _ => null,
        };
    }

    /// <summary>The parts of <c>{epoch}-{number}</c>; null when the name is none. The number may be negative.</summary>
    public static (int Epoch, long Number)? ParseCheckpoint(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && TryNumber(name[..dash], out var epoch)
            && long.TryParse(name.AsSpan(dash + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (epoch, number)
            : null;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
