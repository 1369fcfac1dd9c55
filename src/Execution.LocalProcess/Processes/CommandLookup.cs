namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>Says before a start what the system would say too late: whether a command can be run at all.</summary>
internal static class CommandLookup
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>What is wrong with a command, for the user; null when it can be run.</summary>
    /// <param name="program">The first word.</param>
    /// <param name="workingDirectory">What a relative path starts from.</param>
    /// <param name="path">The task's <c>PATH</c>.</param>
    public static string? Problem(string program, string workingDirectory, string? path)
    {
        if (program.Length == 0) return "the command's first word is empty: it names the program to run.";
        if (program.Contains('/'))
        {
            var file = Path.Combine(workingDirectory, program);
            if (Directory.Exists(file)) return $"the command {program} is a folder ({file}), not a program.";
            if (!File.Exists(file)) return $"the command {program} does not exist ({file}). Check its name and the working directory.";
            return IsExecutable(file) ? null : NotExecutable(file);
        }

        var found = (path ?? DefaultPath).Split(':')
            .Select(folder => Path.Combine(workingDirectory, folder, program))
            .Where(File.Exists)
            .ToList();
        if (found.Any(IsExecutable)) return null;
        return found.Count > 0
            ? NotExecutable(found[0])
            : $"the command {program} was not found in PATH ({path ?? DefaultPath}). Install it, or give its full path in the DAG file.";
    }

    private static bool IsExecutable(string file) => (File.GetUnixFileMode(file) & AnyExecute) != 0;

    private static string NotExecutable(string file) =>
        $"the command {file} is not executable. Run chmod +x {file}, or name its interpreter (for instance [python3, {Path.GetFileName(file)}]).";
}
