using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Store;

/// <summary>Finds and removes what no row points to.</summary>
internal static class FolderSweep
{
    private const int Chunk = 1000;
    private const int DeepestTask = 4; // dag/run/task/map

    /// <summary>See <see cref="IArtifactStore.SweepAsync"/>.</summary>
    /// <param name="root">The folder of the store.</param>
    /// <param name="before">What was written to later stays.</param>
    /// <param name="referenced">Which prefixes have to stay.</param>
    /// <param name="cancellation">Gives up between prefixes.</param>
    public static async Task<SweepReport> RunAsync(
        string root,
        DateTimeOffset before,
        Func<IReadOnlyList<StoredPrefix>, CancellationToken, Task<IReadOnlySet<StoredPrefix>>> referenced,
        CancellationToken cancellation)
    {
        var report = new SweepReport(0, 0);
        if (!Directory.Exists(root)) return report;
        foreach (var chunk in Candidates(root, before).Chunk(Chunk))
        {
            var keep = await referenced([.. chunk.Select(found => found.Prefix).OfType<StoredPrefix>()], cancellation);
            foreach (var (folder, prefix) in chunk)
            {
                cancellation.ThrowIfCancellationRequested();
                if (prefix is not null && keep.Contains(prefix)) continue;
                var bytes = Measure(folder, cancellation);
                PrefixWriter.Remove(folder);
                RemoveEmptyParents(root, folder);
                report = new SweepReport(report.Removed + 1, report.Bytes + bytes);
            }
        }

        return report;
    }

    /// <summary>The bytes of all files below a folder.</summary>
    public static long Measure(string folder, CancellationToken cancellation)
    {
        long bytes = 0;
        if (!Directory.Exists(folder)) return bytes;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                bytes += file.Length;
            }
            catch (FileNotFoundException)
            {
                // removed since it was listed
            }
        }

        return bytes;
    }

    // prefixes that are old enough; those without an identity are unfinished writes
    private static IEnumerable<(string Folder, StoredPrefix? Prefix)> Candidates(string root, DateTimeOffset before)
    {
        foreach (var holder in Holders(root, 0))
        {
            foreach (var folder in Directory.GetDirectories(holder))
            {
                if (Directory.GetLastWriteTimeUtc(folder) >= before.UtcDateTime) continue;
                var prefix = StoredNames.Parse(Path.GetRelativePath(root, folder));
                if (prefix is not null || folder.EndsWith(PrefixWriter.Unfinished, StringComparison.Ordinal)) yield return (folder, prefix);
            }
        }
    }

    // the folders named _attempts and _checkpoints
    private static IEnumerable<string> Holders(string folder, int depth)
    {
        foreach (var child in Directory.GetDirectories(folder))
        {
            if (Path.GetFileName(child) is AttemptPaths.Attempts or AttemptPaths.Checkpoints) yield return child;
            else if (depth < DeepestTask)
                foreach (var holder in Holders(child, depth + 1)) yield return holder;
        }
    }

    private static void RemoveEmptyParents(string root, string folder)
    {
        try
        {
            for (var parent = Path.GetDirectoryName(folder)!; parent.Length > root.Length; parent = Path.GetDirectoryName(parent)!)
            {
                if (Directory.EnumerateFileSystemEntries(parent).Any()) return;
                Directory.Delete(parent);
            }
        }
        catch (IOException)
        {
            // an attempt is staging there just now: then it is not empty any more
        }
    }
}
