using System.Runtime.InteropServices;

namespace OrleansFlow.TaskRuntime.Folders;

/// <summary>What the framework does not offer.</summary>
internal static unsafe partial class Libc
{
    /// <summary>The path with every symbolic link resolved, in whichever of its parts; null when it leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        var real = realpath(path, null);
        if (real is null) return null;
        var text = Marshal.PtrToStringUTF8((nint)real);
        free(real);
        return text;
    }

    /// <summary>The type bits of a regular file.</summary>
    public const int RegularFile = 0x8000;

    /// <summary>The type bits of what a path leads to (links followed); 0 when that cannot be told.</summary>
    public static int FileType(string path)
    {
        // statx, unlike stat, has one layout on every architecture
        var status = stackalloc byte[256];
        return statx(AtCurrentFolder, path, 0, StatxType, status) == 0 ? *(ushort*)(status + StatxModeOffset) & TypeMask : 0;
    }

    /// <summary>Removes a folder with all that is in it, also what has names that are no UTF-8. Links are not followed.</summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void RemoveTree(string folder)
    {
        const int linksAsLinks = 1;
        const int childrenFirst = 8;
        if (nftw(folder, &RemoveEntry, OpenFolders, linksAsLinks | childrenFirst) != 0)
            throw new IOException($"{Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())} : '{folder}'");
    }

    [UnmanagedCallersOnly]
    private static int RemoveEntry(byte* path, byte* status, int kind, byte* where) => remove(path);

    private const int OpenFolders = 16;
    private const int AtCurrentFolder = -100;
    private const uint StatxType = 1;
    private const int StatxModeOffset = 28;
    private const int TypeMask = 0xF000;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* realpath(string path, byte* resolved);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int nftw(string folder, delegate* unmanaged<byte*, byte*, int, byte*, int> visit, int openFolders, int flags);

    [LibraryImport("libc")]
    private static partial int remove(byte* path);

    [LibraryImport("libc")]
    private static partial void free(void* memory);
}
