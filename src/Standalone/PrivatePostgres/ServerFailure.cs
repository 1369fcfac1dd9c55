using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>Makes an error for people out of what initdb or the server said before it gave up.</summary>
internal static class ServerFailure
{
    /// <summary>
    /// Processes of a server whose postmaster was killed still use its shared memory; PostgreSQL waits for their end, rightly.
    /// </summary>
    public static bool IsPassing(string output) => output.Contains("is still in use", StringComparison.Ordinal);

    /// <param name="what">What was attempted: "PostgreSQL could not start".</param>
    /// <param name="output">What the program printed or logged, in English (LC_ALL=C).</param>
    /// <param name="folder">Where its data lies.</param>
    /// <param name="log">Where more can be read, or null.</param>
    /// <param name="diskFull">Whether the folder's file system is known to be full: the log, lying there too, is then silent.</param>
    public static HostStartException Explain(string what, string output, string folder, string? log, bool diskFull = false)
    {
        if (diskFull || Says("No space left on device") || Says("Disk quota exceeded"))
            return new HostStartException(
                StartProblem.DiskFull, $"{what}: the file system of {folder} is full.",
                "Free some space there, or choose a folder on another one with FLOW_DATA_DIR. What was accepted before is not lost.");
        if (Says("Permission denied") || Says("Operation not permitted"))
            return new HostStartException(
                StartProblem.PermissionDenied, $"{what}: permission denied. It said: {LastLines(output)}",
                $"Let the user that PostgreSQL runs as enter every folder above {folder}, or choose another one with FLOW_DATA_DIR.");
        if (Says("Cannot allocate memory") || Says("could not map anonymous shared memory"))
            return new HostStartException(
                StartProblem.ServerFailed, $"{what}: there is not enough memory for it (about 200 MiB).",
                "End other programs, or raise the memory limit of this container.");
        if (Says("could not look up effective user ID"))
            return new HostStartException(
                StartProblem.Unsupported, $"{what}: the user this process runs as has no name on this machine, and PostgreSQL insists on one.",
                "Add it to /etc/passwd, or run as a user that is there.");
        return new HostStartException(
            StartProblem.ServerFailed, $"{what}. It said: {LastLines(output)}",
            log is null ? "See what it says above." : $"See its log, {log}.");

        bool Says(string words) => output.Contains(words, StringComparison.Ordinal);
    }

    private static string LastLines(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.Where(line => line.Contains("FATAL:") || line.Contains("error:") || line.Contains("PANIC:")).ToArray();
        var chosen = telling.Length > 0 ? telling[^1] : string.Join(" / ", lines.TakeLast(3));
        return chosen.Length == 0 ? "(nothing)" : chosen;
    }
}
