using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Folders;

/// <summary>Fills an attempt's folder before its command starts.</summary>
public static class TaskFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder: the script, the inputs (each a copy of its own), the checkpoint that the attempt goes on from.</summary>
    /// <exception cref="AttemptStorageException">Something could not be made or fetched; the message is for the user.</exception>
    public static async Task PrepareAsync(
        AttemptPlan plan, AttemptFolder folder, IAttemptStorage storage, CancellationToken cancellation)
    {
        try
        {
            folder.Create();
            if (plan.Script is not null)
            {
                await File.WriteAllTextAsync(folder.Script, plan.Script, cancellation);
                File.SetUnixFileMode(folder.Script, OwnerOnly);
            }

            foreach (var (name, artifact) in plan.Inputs) await FetchAsync(folder, storage, name, artifact, cancellation);
            if (plan.Checkpoint is { } checkpoint)
                await storage.RestoreCheckpointAsync(plan.Dag, checkpoint, folder.Checkpoint, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttemptStorageException(
                $"the attempt's folder {folder.Root} cannot be made: {e.Message} Check the disk's space and the folder's permissions.", e);
        }
    }

    private static async Task FetchAsync(
        AttemptFolder folder, IAttemptStorage storage, string name, Domain.Data.Artifact artifact, CancellationToken cancellation)
    {
        if (SafePath.Problem(name) is { } problem) throw new AttemptStorageException($"the input cannot be named so: {problem}");
        var path = SafePath.Combine(folder.Inputs, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await storage.FetchAsync(artifact, path, cancellation);
    }
}
