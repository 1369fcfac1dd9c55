using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Files;

/// <summary>Turns failures of the file system into messages that say what to do.</summary>
internal static class Failures
{
    /// <summary>What a failure to write means for the user.</summary>
    public static AttemptStorageException Writing(string what, string root, Exception e) => new(
        e.IsDiskFull()
            ? $"{what} cannot be kept: the disk of {root} is full. Free some space: old artifacts and logs lie there."
            : $"{what} cannot be kept: {e.Message}", e);

    /// <summary>Whether an exception is of the file system.</summary>
    public static bool Concern(Exception e) => e is IOException or UnauthorizedAccessException;
}
