using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OrleansFlow.Standalone.DataFolders;

/// <summary>
/// The proof that this process alone hosts a data folder. Hold it for the host's life; dispose it last. A kill -9 releases
/// it too. The locked file names the holder's process and its start, for the message to the next one.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    internal const string Passing = "passing";
    private readonly FileStream _file;

    private DataFolderLock(DataFolder folder, FileStream file)
    {
        Folder = folder;
        _file = file;
    }

    /// <summary>The folder that is locked.</summary>
    public DataFolder Folder { get; }

    /// <summary>Releases the folder. Idempotent.</summary>
    public void Dispose() => _file.Dispose();

    internal static DataFolderLock Take(DataFolder folder) => TryTake(folder) ?? throw Refusal(folder);

    internal static HostStartException Refusal(DataFolder folder) => Refusal(folder.Root, Posix.ReadLockedFile(folder.LockFile));

    /// <summary>Takes the folder; null when somebody has it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="passing">Whether it is only taken to look, and given back soon: a host that wants it waits then.</param>
    internal static DataFolderLock? TryTake(DataFolder folder, bool passing = false)
    {
        var file = FileLock.TryTake(folder.LockFile, exclusive: true);
        if (file is null) return null;

        using var self = Process.GetCurrentProcess();
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes(
            $"{Environment.ProcessId}\n{self.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}\n{(passing ? Passing : "")}\n"));
        return new DataFolderLock(folder, file);
    }

    internal static HostStartException Refusal(string root, string? holder)
    {
        var lines = holder?.Split('\n') ?? [];
        var known = lines is [{ Length: > 0 }, { Length: > 0 }, ..];
        return new HostStartException(
            StartProblem.Locked,
            $"Another host works on the data folder {root}" + (known ? $": process {lines[0]}, started {lines[1]}." : "."),
            (known ? $"Wait for it to end, or stop it (`kill {lines[0]}` leaves the run that it follows to the next host)" : "Wait for it to end")
            + ", or use another folder with FLOW_DATA_DIR. Commands that only look do not need the folder for themselves.");
    }
}
