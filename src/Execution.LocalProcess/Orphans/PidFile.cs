using OrleansFlow.Execution.LocalProcess.Processes;

namespace OrleansFlow.Execution.LocalProcess.Orphans;

/// <summary>What the launcher wrote about itself: a line of <c>/proc/*/stat</c>, the boot id, an empty line.</summary>
internal sealed record PidFile(int Pid, ulong StartTime, string BootId)
{
    /// <summary>Reads it; null when it is absent or was not written to its end.</summary>
    public static PidFile? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Split('\n') is [var stat, var boot, "", ""] && ProcessTable.Parse(stat) is { } process
                ? new PidFile(process.Pid, process.StartTime, boot)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
