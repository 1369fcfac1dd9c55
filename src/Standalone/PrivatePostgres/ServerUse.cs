using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// Counts the processes that use a server, by shared locks on one file. Whoever leaves tries to lock it alone: who gets
/// that was the last, and nobody can come in while it stops the server.
/// </summary>
internal sealed class ServerUse : IDisposable
{
    private readonly FileStream _shared;

    private ServerUse(FileStream shared) => _shared = shared;

    /// <summary>Joins the users; waits while a last user stops the server.</summary>
    public static async Task<ServerUse> JoinAsync(DataFolder folder, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (FileLock.TryTake(folder.PostgresUsers, exclusive: false) is { } shared) return new ServerUse(shared);
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    /// <summary>Leaves, and returns the lock of the last user, or null when others are still there.</summary>
    public FileStream? LeaveAsLast(DataFolder folder)
    {
        _shared.Dispose();
        return FileLock.TryTake(folder.PostgresUsers, exclusive: true);
    }

    public void Dispose() => _shared.Dispose();
}
