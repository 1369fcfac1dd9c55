using System.Runtime.InteropServices;

namespace OrleansFlow.Artifacts.LocalFolder.Files;

/// <summary>What has to survive a power cut: the content of files and the names in folders.</summary>
internal static partial class Durable
{
    private const int ReadOnlyFolder = 0x80000; // O_RDONLY | O_CLOEXEC

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        var handle = open(folder, ReadOnlyFolder);
        if (handle < 0) throw Failure(folder);
        var done = fsync(handle);
        var error = Marshal.GetLastPInvokeError();
        _ = close(handle);

        // some file systems do not sync folders, and need not
        const int invalid = 22;
        if (done != 0 && error != invalid) throw Failure(folder, error);
    }

    /// <summary>Makes the folders from a leaf up to a root durable, the root included.</summary>
    public static void SyncUpTo(string root, string leaf)
    {
        for (var folder = leaf; ; folder = Path.GetDirectoryName(folder)!)
        {
            SyncFolder(folder);
            if (folder.Length <= root.Length) return;
        }
    }

    private static IOException Failure(string folder, int? error = null)
    {
        var number = error ?? Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(number)} : '{folder}'", number);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int handle);

    [LibraryImport("libc")]
    private static partial int close(int handle);
}
