using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansFlow.Standalone.DataFolders;

/// <summary>Who owns a path, and its permission bits; symbolic links are not followed.</summary>
internal readonly record struct FileOwner(uint Uid, uint Gid, UnixFileMode Mode, bool IsDirectory);

/// <summary>The few system calls that .NET does not offer. Linux and macOS.</summary>
internal static partial class Posix
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;

    public const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static uint EffectiveUser => geteuid();

    public static uint EffectiveGroup => getegid();

    public static bool IsRoot => !OperatingSystem.IsWindows() && geteuid() == 0;

    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        File.SetUnixFileMode(path, mode);
    }

    public static void CreateFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        Directory.CreateDirectory(path, mode);
    }

    /// <summary>Gives a path, not what a link points to, to another owner.</summary>
    public static void SetOwner(string path, uint uid, uint gid)
    {
        if (lchown(path, uid, gid) != 0) throw Failed("change the owner of", path);
    }

    /// <summary>The path with links resolved: one folder has one name, however it was spelled.</summary>
    public static string RealPath(string path)
    {
        var resolved = realpath(path, IntPtr.Zero);
        if (resolved == IntPtr.Zero) throw Failed("resolve", path);
        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            free(resolved);
        }
    }

    /// <summary>Makes a rename inside the folder survive a power loss.</summary>
    public static void FlushFolder(string path)
    {
        using var handle = OpenForReading(path);
        if (handle.IsInvalid || fsync(handle) != 0) throw Failed("flush", path);
    }

    /// <summary>Reads a file that another process holds locked: .NET's own open would insist on a shared lock.</summary>
    public static string? ReadLockedFile(string path)
    {
        using var handle = OpenForReading(path);
        if (handle.IsInvalid) return null;
        using var reader = new StreamReader(new FileStream(handle, FileAccess.Read));
        return reader.ReadToEnd();
    }

    /// <summary>The owner of a path, or null when there is nothing.</summary>
    public static FileOwner? OwnerOf(string path) => OperatingSystem.IsLinux() ? StatLinux(path) : StatElsewhere(path);

    private static FileOwner? StatLinux(string path)
    {
        // struct statx has one layout on every architecture: uid at 20, gid at 24, mode at 28.
        const int currentFolder = -100, noFollow = 0x100;
        const uint typeModeUidGid = 0x1 | 0x2 | 0x8 | 0x10;
        Span<byte> buffer = stackalloc byte[256];
        if (statx(currentFolder, path, noFollow, typeModeUidGid, ref MemoryMarshal.GetReference(buffer)) != 0)
            return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failed("look at", path);

        var mode = MemoryMarshal.Read<ushort>(buffer[28..]);
        return new FileOwner(
            MemoryMarshal.Read<uint>(buffer[20..]), MemoryMarshal.Read<uint>(buffer[24..]), (UnixFileMode)(mode & 0xFFF), (mode & 0xF000) == 0x4000);
    }

    private static FileOwner? StatElsewhere(string path)
    {
        if (!Path.Exists(path)) return null;
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/bin/stat")
        {
            ArgumentList = { "-f", "%u %g %Lp %HT", path },
            RedirectStandardOutput = true,
        })!;
        var fields = stat.StandardOutput.ReadToEnd().Split(' ', 4, StringSplitOptions.TrimEntries);
        return new FileOwner(
            uint.Parse(fields[0], CultureInfo.InvariantCulture),
            uint.Parse(fields[1], CultureInfo.InvariantCulture),
            (UnixFileMode)Convert.ToInt32(fields[2], 8),
            fields[3] == "Directory");
    }

    private static SafeFileHandle OpenForReading(string path) =>
        new(open(path, OperatingSystem.IsLinux() ? 0x80000 : 0x1000000 /* O_CLOEXEC */), ownsHandle: true);

    private const int NoSuchEntry = 2;

    private static IOException Failed(string verb, string path) =>
        new($"Could not {verb} {path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

#pragma warning disable IDE1006 // the names of the C library
    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr realpath(string path, IntPtr buffer);

    [LibraryImport("libc")]
    private static partial void free(IntPtr pointer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte buffer);
#pragma warning restore IDE1006
}
