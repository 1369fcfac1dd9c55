namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>Looks at the processes of this machine.</summary>
internal static class RunningProcesses
{
    /// <summary>Those that carry an attempt's uid in their environment; zombies have none.</summary>
    public static List<string> Of(Guid uid)
    {
        var found = new List<string>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                if (File.ReadAllText(folder + "/environ").Contains(uid.ToString("D"), StringComparison.Ordinal))
                    found.Add(File.ReadAllText(folder + "/stat"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // gone, or somebody else's
            }
        }

        return found;
    }

    /// <summary>Whether a process runs; a zombie does not.</summary>
    public static bool Runs(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
