using System.Globalization;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Artifacts.LocalFolder.Logs;

/// <summary>Removes the logs of whole runs, and keeps the instant up to which that was done in a file beside them.</summary>
internal static class LogFolderSweep
{
    private const int Chunk = 1000;
    private const string Dag = "dag_id=";
    private const string Run = "run_id=";

    /// <summary>See <see cref="ILogRetention.RemoveAsync"/>.</summary>
    public static async Task<SweepReport> RunAsync(
        string root, DateTimeOffset before, Func<IReadOnlyList<RunId>, CancellationToken, Task<IReadOnlySet<RunId>>> ended, CancellationToken cancellation)
    {
        var report = new SweepReport(0, 0);
        if (!Directory.Exists(root)) return report;
        foreach (var chunk in Candidates(root, before).Chunk(Chunk))
        {
            var over = await ended([.. chunk.Select(found => found.Run)], cancellation);
            if (over.Count > 0) await RememberAsync(root, before, cancellation);
            foreach (var (folder, run) in chunk.Where(found => over.Contains(found.Run)))
            {
                cancellation.ThrowIfCancellationRequested();
                var bytes = FolderSweep.Measure(folder, cancellation);
                PrefixWriter.Remove(folder);
                report = new SweepReport(report.Removed + 1, report.Bytes + bytes);
            }
        }

        return report;
    }

    /// <summary>The instant that was remembered; null: nothing was removed yet.</summary>
    public static async Task<DateTimeOffset?> ReadAsync(string root, CancellationToken cancellation)
    {
        if (!File.Exists(Mark(root))) return null;
        try
        {
            var text = await File.ReadAllTextAsync(Mark(root), cancellation);
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // A retention that was made longer brings nothing back.
    private static async Task RememberAsync(string root, DateTimeOffset before, CancellationToken cancellation)
    {
        if (await ReadAsync(root, cancellation) >= before) return;
        var mark = Mark(root);
        await File.WriteAllTextAsync(mark + ".tmp", before.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), cancellation);
        File.Move(mark + ".tmp", mark, overwrite: true);
    }

    private static string Mark(string root) => Path.Combine(root, "removed-before");

    // A run whose folder was made later cannot have ended before.
    private static IEnumerable<(string Folder, RunId Run)> Candidates(string root, DateTimeOffset before) =>
        from dag in Directory.EnumerateDirectories(root, Dag + "*")
        from run in Directory.EnumerateDirectories(dag, Run + "*")
        where Directory.GetLastWriteTimeUtc(run) < before.UtcDateTime
        select (run, new RunId(Path.GetFileName(run)[Run.Length..]));
}
