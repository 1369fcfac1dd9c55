namespace OrleansFlow.Standalone.DataFolders;

/// <summary>What an <see cref="IOException"/> means, by its error number.</summary>
internal static class IoErrors
{
    // ENOSPC is 28 on Linux and macOS; EDQUOT 122 and 69.
    public static bool IsDiskFull(this IOException error) => error.HResult is 28 or 122 or 69;
}
