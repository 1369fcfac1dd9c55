using System.Globalization;
using System.Text;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Outputs;

/// <summary>Xcoms that are too large for a row: they are staged as files beside the outputs, under a name that no output can have.</summary>
internal static class LargeXcoms
{
    /// <summary>The greatest size of a value that is kept in its row, as compact JSON in bytes (<c>semantics.md</c>, Data between tasks).</summary>
    public const int MaxInlineBytes = 48 * 1024;

    /// <summary>Whether an output would lie where large xcoms do.</summary>
    public static bool Claims(string name) => name == AttemptPaths.Xcoms || name.StartsWith(AttemptPaths.Xcoms + "/", StringComparison.Ordinal);

    /// <summary>Writes those that are too large into files that can be staged.</summary>
    /// <returns>The files by key.</returns>
    public static async Task<IReadOnlyDictionary<string, LocalFile>> WriteAsync(
        AttemptFolder folder, IReadOnlyDictionary<string, string> xcoms, CancellationToken cancellation)
    {
        var files = new Dictionary<string, LocalFile>(StringComparer.Ordinal);
        foreach (var (key, value) in xcoms.Where(xcom => Encoding.UTF8.GetByteCount(xcom.Value) > MaxInlineBytes).OrderBy(xcom => xcom.Key, StringComparer.Ordinal))
        {
            // keys may hold anything, so they name no files
            var name = string.Create(CultureInfo.InvariantCulture, $"{files.Count}.json");
            Directory.CreateDirectory(folder.LargeXcoms);
            var path = Path.Combine(folder.LargeXcoms, name);
            await File.WriteAllTextAsync(path, value, cancellation);
            files.Add(key, new LocalFile($"{AttemptPaths.Xcoms}/{name}", path));
        }

        return files;
    }
}
