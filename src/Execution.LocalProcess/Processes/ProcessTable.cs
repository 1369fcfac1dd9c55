using System.Globalization;
using System.Text;
using OrleansFlow.TaskRuntime.Contract;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>A process as <c>/proc</c> shows it.</summary>
/// <param name="Pid">Its pid.</param>
/// <param name="Session">The pid of its session's leader.</param>
/// <param name="StartTime">In clock ticks since boot: with the pid and the boot id it names a process for ever.</param>
/// <param name="Ended">It is a zombie.</param>
/// <param name="AttemptUid">The attempt it belongs to by its environment; null when there is none or it cannot be read.</param>
/// <param name="Outputs">The attempt's folder of outputs by its environment.</param>
internal sealed record ProcessEntry(int Pid, int Session, ulong StartTime, bool Ended, Guid? AttemptUid, string? Outputs);

/// <summary>Reads <c>/proc</c>. Callers at the same time share one pass over it. Thread-safe.</summary>
internal sealed class ProcessTable
{
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private Task<IReadOnlyList<ProcessEntry>>? _next;

    /// <summary>The random identity of this boot of the machine.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>All processes but those without a session, which the kernel's are and no task is, as of a moment after the call.</summary>
    public Task<IReadOnlyList<ProcessEntry>> ReadAsync()
    {
        lock (_lock) return _next ??= NextAsync(_running);
    }

    /// <summary>One process; null when there is none.</summary>
    public static ProcessEntry? Find(int pid) => Find(pid, new ProcFile());

    private static ProcessEntry? Find(int pid, ProcFile file)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        var stat = Encoding.UTF8.GetString(file.Read(folder + "/stat"));
        return stat.Length == 0 ? null : Parse(stat, Environ(file.Read(folder + "/environ")));
    }

    /// <summary>Reads a line of <c>/proc/*/stat</c>; null when it is none.</summary>
    public static ProcessEntry? Parse(string stat, IReadOnlyDictionary<string, string>? environ = null)
    {
        // pid (name) state ppid pgrp session ... starttime is the 22nd; the name may hold anything, also ") "
        var end = stat.LastIndexOf(')');
        if (end < 0 || !int.TryParse(stat.AsSpan(0, Math.Max(0, stat.IndexOf(' ', StringComparison.Ordinal))), out var pid)) return null;
        var fields = stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 20 || !int.TryParse(fields[3], out var session) || !ulong.TryParse(fields[19], out var start)) return null;
        Guid? uid = environ?.GetValueOrDefault(TaskEnvironment.Uid) is { } text && Guid.TryParse(text, out var parsed) ? parsed : null;
        return new ProcessEntry(pid, session, start, fields[0] is "Z" or "X", uid, environ?.GetValueOrDefault(TaskEnvironment.Outputs));
    }

    private async Task<IReadOnlyList<ProcessEntry>> NextAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<IReadOnlyList<ProcessEntry>> pass;
        lock (_lock)
        {
            pass = Task.Run(ReadAll);
            (_running, _next) = (pass, null);
        }

        return await pass;
    }

    private static IReadOnlyList<ProcessEntry> ReadAll()
    {
        var processes = new List<ProcessEntry>();
        var file = new ProcFile();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Libc.getsid(pid) != 0 && Find(pid, file) is { } found)
                processes.Add(found);
        return processes;
    }

    // only the variables that matter; null when there is nothing of ours
    private static Dictionary<string, string>? Environ(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf(UidPrefix) < 0) return null;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in Encoding.UTF8.GetString(bytes).Split('\0'))
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && variable[..equals] is TaskEnvironment.Uid or TaskEnvironment.Outputs)
                found.TryAdd(variable[..equals], variable[(equals + 1)..]);
        }

        return found;
    }

    private static readonly byte[] UidPrefix = Encoding.ASCII.GetBytes(TaskEnvironment.Uid + "=");
}
