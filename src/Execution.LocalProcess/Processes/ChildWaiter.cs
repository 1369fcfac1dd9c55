using System.Runtime.InteropServices;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it; null when somebody else took its status.</param>
/// <param name="Signal">The signal that ended it; null when it exited.</param>
/// <param name="MaxResidentBytes">The greatest memory of one of its processes; null when it is not known.</param>
internal sealed record ChildExit(int? ExitCode, int? Signal, long? MaxResidentBytes);

/// <summary>
/// Waits for children without a thread for each: one SIGCHLD handler looks at all of them. A child that ended stays a zombie until it
/// is reaped, so that its pid, and with it its group, cannot become somebody else's while we send signals. Thread-safe.
/// </summary>
internal sealed unsafe class ChildWaiter : IDisposable
{
    private const long Inexact = 16L << 20;
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
    private readonly PosixSignalRegistration _signal;
    private readonly ITimer _timer;

    /// <param name="time">Paces a look now and then, should a signal ever be missed.</param>
    public ChildWaiter(TimeProvider time)
    {
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Look());
        _timer = time.CreateTimer(_ => Look(), null, Backstop, Backstop);
    }

    /// <summary>Completes when the child has ended. It is not reaped.</summary>
    public Task ExitOf(int pid)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add(pid, ended);
        Look();
        return ended.Task;
    }

    /// <summary>Takes the status of a child that has ended; its pid is free afterwards.</summary>
    public static ChildExit Reap(int pid)
    {
        var usage = stackalloc byte[Libc.UsageSize];
        int status;
        if (Libc.wait4(pid, &status, Libc.WaitNoHang, usage) != pid) return new ChildExit(null, null, null);
        var memory = OwnPeak(usage);
        var signal = status & 0x7F;
        return signal == 0 ? new ChildExit((status >> 8) & 0xFF, null, memory) : new ChildExit(128 + signal, signal, memory);
    }

    // The kernel counts into a child's peak that of the process which forked it, even when the child never touched those pages.
    // So a peak says something of the child only where it is beyond ours, and clearly: the kernel's counts are not exact either.
    private static long? OwnPeak(byte* usageOfChild)
    {
        var usage = stackalloc byte[Libc.UsageSize];
        if (Libc.getrusage(Libc.UsageOfThisProcess, usage) != 0) return null;
        var peak = MaxResidentBytes(usageOfChild);
        return peak > MaxResidentBytes(usage) + Inexact ? peak : null;
    }

    private static long MaxResidentBytes(byte* usage) => *(nint*)(usage + (4 * sizeof(nint))) * 1024L;

    public void Dispose()
    {
        _signal.Dispose();
        _timer.Dispose();
    }

    private void Look()
    {
        lock (_lock)
        {
            foreach (var pid in _waiting.Keys.ToList())
                if (HasEnded(pid) && _waiting.Remove(pid, out var ended))
                    ended.SetResult();
        }
    }

    private static bool HasEnded(int pid)
    {
        // siginfo_t: three ints and padding, then the pid; it stays 0 while the child runs
        var info = stackalloc byte[128];
        *(int*)(info + 16) = 0;
        var result = Libc.waitid(Libc.WaitOneProcess, pid, info, Libc.WaitExited | Libc.WaitNoHang | Libc.WaitLeaveZombie);
        return result != 0 || *(int*)(info + 16) == pid;
    }
}
