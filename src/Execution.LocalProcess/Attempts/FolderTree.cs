using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>
/// Makes and removes the folders above attempts. One at a time: a folder that was just found empty must not be removed while another
/// attempt makes its own in it. Thread-safe.
/// </summary>
/// <param name="root">The folder of all attempts.</param>
internal sealed class FolderTree(string root)
{
    private readonly Lock _lock = new();
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public void Make(string folder)
    {
        lock (_lock) Directory.CreateDirectory(folder);
    }

    /// <summary>Removes a folder of an attempt, and those above it that are empty then. What cannot be removed is left to the next start of a host.</summary>
    public void Remove(AttemptFolder folder)
    {
        try
        {
            folder.Delete();
            RemoveEmptyParents(folder.Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it is in nobody's way
        }
    }

    private void RemoveEmptyParents(string folder)
    {
        lock (_lock)
        {
            for (var parent = Path.GetDirectoryName(folder)!; parent.Length > _root.Length; parent = Path.GetDirectoryName(parent)!)
            {
                if (!Directory.Exists(parent)) continue;
                if (Directory.EnumerateFileSystemEntries(parent).Any()) return;
                Directory.Delete(parent);
            }
        }
    }
}
