using System.Runtime.InteropServices;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>The calls into libc that processes need and .NET does not offer: sessions of their own, signals to groups, exact exits.</summary>
internal static unsafe partial class Libc
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int ArgumentsTooLong = 7;
    public const int TryAgain = 11;

    public const int WaitNoHang = 1;
    public const int WaitExited = 4;
    public const int WaitLeaveZombie = 0x01000000;
    public const int WaitOneProcess = 1;

    public const int UsageOfThisProcess = 0;

    public const short SpawnDefaultSignals = 0x04;
    public const short SpawnSignalMask = 0x08;
    public const short SpawnNewSession = 0x80;

    public const int OpenReadOnly = 0;
    public const int OpenCloseOnExec = 0x80000;

    /// <summary>Bytes enough for a <c>struct rusage</c>: two times of two words each, then ru_maxrss in KiB, then more.</summary>
    public const int UsageSize = 512;

    /// <summary>Bytes enough for each opaque structure of glibc and musl that is used here.</summary>
    public const int OpaqueSize = 1024;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int file, byte* buffer, nuint count);

    [LibraryImport("libc")]
    public static partial int close(int file);

    [LibraryImport("libc")]
    public static partial int getsid(int pid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, int pid, byte* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int pid, int* status, int options, byte* usage);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrusage(int who, byte* usage);

    // the posix_spawn family returns its error instead of setting errno
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(byte* actions, int handle, int target);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addopen(byte* actions, int handle, string path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    public static partial int sigfillset(byte* signals);

    /// <summary>The text of an error number.</summary>
    public static string Message(int error) => Marshal.GetPInvokeErrorMessage(error);
}
