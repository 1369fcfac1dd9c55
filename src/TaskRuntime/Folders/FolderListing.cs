using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Folders;

/// <summary>
/// The files of a folder that a task filled. Symbolic links are followed inside the folder and refused when they lead out of it.
/// </summary>
internal static class FolderListing
{
    /// <summary>Every regular file below a folder, by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="shownAs">What messages call it: <c>$FLOW_OUTPUTS</c>.</param>
    /// <exception cref="OutputProblemException">Something in it cannot be published; the message names it.</exception>
    public static IReadOnlyList<LocalFile> Read(string folder, string shownAs)
    {
        var root = Libc.RealPath(folder)
            ?? throw new OutputProblemException($"{shownAs} is gone: the task removed the folder itself. Remove only what is in it.");
        if (!Directory.Exists(root))
            throw new OutputProblemException($"{shownAs} is no folder any more: write files into it, do not replace it.");

        var files = new SortedDictionary<string, LocalFile>(StringComparer.Ordinal);
        Walk(new Walker(root, shownAs, files), root, "", [root]);
        return [.. files.Values];
    }

    private sealed record Walker(string Root, string ShownAs, SortedDictionary<string, LocalFile> Files);

    private static void Walk(Walker walker, string folder, string prefix, HashSet<string> open)
    {
        foreach (var entry in Entries(walker, folder, prefix))
        {
            var name = prefix + entry.Name;
            if (name.Contains('\uFFFD'))
                throw new OutputProblemException($"{walker.ShownAs}/{name}: the name is not valid UTF-8; rename the file.");

            var real = entry.LinkTarget is null ? entry.FullName : Resolve(walker, entry, name);
            if (Directory.Exists(real))
            {
                if (!open.Add(real))
                    throw new OutputProblemException($"{walker.ShownAs}/{name} is a symbolic link to a folder that holds it; remove the link.");
                Walk(walker, real, name + "/", open);
                open.Remove(real);
            }
            else if (Libc.FileType(real) == Libc.RegularFile)
            {
                walker.Files[name] = new LocalFile(name, real);
            }
            else
            {
                throw new OutputProblemException(
                    $"{walker.ShownAs}/{name} is no regular file (a pipe, socket or device); remove it before the task ends.");
            }
        }
    }

    private static FileSystemInfo[] Entries(Walker walker, string folder, string prefix)
    {
        try
        {
            return new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new OutputProblemException($"{walker.ShownAs}/{prefix} cannot be read ({e.Message}); check its permissions.");
        }
    }

    private static string Resolve(Walker walker, FileSystemInfo link, string name)
    {
        var real = Libc.RealPath(link.FullName);
        if (real is null)
            throw new OutputProblemException(
                $"{walker.ShownAs}/{name} is a symbolic link to {link.LinkTarget}, which does not exist; remove it or write the file.");
        if (real != walker.Root && !real.StartsWith(walker.Root + "/", StringComparison.Ordinal))
            throw new OutputProblemException(
                $"{walker.ShownAs}/{name} is a symbolic link out of the folder (to {real}); copy the file instead.");
        return real;
    }
}
