using System.Globalization;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>
/// Counts how often the kernel killed a process for memory, in the control group of this host, which its tasks share; where groups do
/// not tell, on the whole machine.
/// </summary>
internal static class OomKills
{
    /// <summary>The count so far; 0 where the kernel does not count.</summary>
    public static long Count()
    {
        try
        {
            return Read(File.ReadAllLines("/proc/self/cgroup"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static long Read(string[] groups)
    {
        foreach (var group in groups)
        {
            // hierarchy:controllers:path
            var parts = group.Split(':', 3);
            var file = parts is ["0", "", _] ? $"/sys/fs/cgroup{parts[2]}/memory.events"
                : parts is [_, "memory", _] ? $"/sys/fs/cgroup/memory{parts[2]}/memory.oom_control"
                : null;
            if (file is not null && File.Exists(file) && Find(file) is { } count) return count;
        }

        return Find("/proc/vmstat") ?? 0;
    }

    private static long? Find(string file)
    {
        const string name = "oom_kill ";
        var line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
    }
}
