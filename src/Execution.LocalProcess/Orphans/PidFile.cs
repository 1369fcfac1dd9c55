using OrleansFlow.Execution.LocalProcess.Processes;

namespace OrleansFlow.Execution.LocalProcess.Orphans;

/// <summary>What the launcher wrote about itself: a line of <c>/proc/*/stat</c>, the boot id, then empty lines.</summary>
internal sealed record PidFile(int Pid, ulong StartTime, string BootId)
{
    // more than the two lines can have
    private const int Size = 2048;

    /// <summary>Makes an empty one that has its place on the disk: the launcher must not be the one who finds the disk full.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public static void Reserve(string path) => File.WriteAllText(path, new string('\n', Size));

    /// <summary>Reads it; null when it is absent or was not written to its end.</summary>
    public static PidFile? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Split('\n') is [var stat, var boot, "", "", ..] && Guid.TryParse(boot, out _) && ProcessTable.Parse(stat) is { } process
                ? new PidFile(process.Pid, process.StartTime, boot)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
