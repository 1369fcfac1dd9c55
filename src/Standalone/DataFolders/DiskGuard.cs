namespace OrleansFlow.Standalone.DataFolders;

/// <summary>
/// Keeps the rest of a nearly full disk for PostgreSQL: while the watermark is critical no attempt starts and no task logs are written.
/// Thread-safe.
/// </summary>
/// <param name="watermark">Tells the level; nobody else checks it.</param>
/// <param name="folder">The data folder, for messages.</param>
internal sealed class DiskGuard(DiskWatermark watermark, string folder)
{
    private const long Mebibyte = 1024 * 1024;
    private readonly Lock _lock = new();
    private string? _hold;

    /// <summary>
    /// Asks the disk. Null: there is room. Else why nothing may start, in words that stay the same for as long as that lasts, since each
    /// change of them is a commit on this very disk.
    /// </summary>
    public string? Hold()
    {
        lock (_lock)
        {
            if (watermark.Check() != DiskLevel.Critical) return _hold = null;
            return _hold ??= $"the disk of the data folder {folder} has only {watermark.Space.Free / Mebibyte:N0} MB left: launches wait until there is room";
        }
    }
}
