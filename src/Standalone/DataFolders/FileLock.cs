namespace OrleansFlow.Standalone.DataFolders;

/// <summary>
/// Advisory locks on files (flock): held by an open file, not inherited by children, released by the kernel however the
/// holder ends. .NET takes them by itself when it opens a file: exclusive for <see cref="FileShare.None"/>, else shared.
/// </summary>
internal static class FileLock
{
    /// <summary>Takes the lock, or returns null when another open file is in its way.</summary>
    /// <exception cref="HostStartException">The file may not be opened by this user.</exception>
    public static FileStream? TryTake(string path, bool exclusive)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = exclusive ? FileAccess.ReadWrite : FileAccess.Read,
                Share = exclusive ? FileShare.None : FileShare.Read,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, options);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The lock file {path} may not be opened by this user.",
                "Run as the owner of the data folder, or choose another one with FLOW_DATA_DIR.", e);
        }
    }

    // EWOULDBLOCK: 11 on Linux, 35 on macOS.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35;
}
