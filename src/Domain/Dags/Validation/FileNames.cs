namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What the name of an input or output file may look like.</summary>
internal static class FileNames
{
    /// <summary>Says what is wrong with a path below a task's folder, or null when it is fine.</summary>
    public static string? Problem(string path)
    {
        if (path.Length == 0) return "the name of a file is empty";
        if (path.StartsWith('/') || path.Contains('\\') || path.Contains('\0'))
            return $"'{path}' must be a relative path with forward slashes";
        return path.Split('/').Any(part => part is "" or "." or "..")
            ? $"'{path}' must not leave the task's folder: '..', '.' and empty parts are refused"
            : null;
    }
}
