namespace OrleansFlow.TaskRuntime.Folders;

/// <summary>Joins names that others chose to folders of ours.</summary>
public static class SafePath
{
    /// <summary>Says what is wrong with a name as a relative path with forward slashes; null when it is fine.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0) return "the name is empty";
        if (name.Contains('\0')) return "the name contains a NUL character";
        if (name[0] == '/') return $"'{name}' is an absolute path; give one below the folder";
        return name.Split('/').Any(segment => segment is "" or "." or "..")
            ? $"'{name}' has an empty, '.' or '..' part; give a plain path below the folder"
            : null;
    }

    /// <summary>The full path of a name below a folder.</summary>
    /// <exception cref="ArgumentException">The name would leave the folder.</exception>
    public static string Combine(string folder, string name) =>
        Problem(name) is { } problem ? throw new ArgumentException(problem, nameof(name)) : Path.Combine(folder, name);
}
