using System.Globalization;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>Whether a process id is a living postmaster of a data directory, and not a stranger who got the number later.</summary>
internal static class PostmasterProcess
{
    /// <summary>
    /// Decides by the command line, which everybody may read (other views of another user's process need privileges that
    /// root lacks in containers), and which is empty for a zombie.
    /// </summary>
    public static bool IsAlive(int pid, string dataDirectory)
    {
        var words = CommandLine(pid);
        return words.Length > 0
            && Path.GetFileName(words[0]) is "postgres" or "postmaster"
            && words.Contains(dataDirectory);
    }

    /// <summary>The server that postmaster.pid names, if it lives.</summary>
    public static PostmasterFile? Find(string dataDirectory) =>
        PostmasterFile.Read(dataDirectory) is { } file && IsAlive(file.Pid, dataDirectory) ? file : null;

    private static string[] CommandLine(int pid)
    {
        if (!OperatingSystem.IsLinux()) return CommandLineByPs(pid);
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string[] CommandLineByPs(int pid)
    {
        var info = Tool.Describe(["/bin/ps", "-ww", "-o", "command=", "-p", pid.ToString(CultureInfo.InvariantCulture)]);
        info.RedirectStandardOutput = true;
        using var ps = System.Diagnostics.Process.Start(info)!;
        return ps.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
