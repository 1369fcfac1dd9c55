namespace OrleansFlow.Standalone.DataFolders;

/// <summary>Room on a file system, in bytes.</summary>
/// <param name="Free">What an unprivileged process may still write.</param>
/// <param name="Total">The size of the file system.</param>
public readonly record struct DiskSpace(long Free, long Total);

/// <summary>How much room is left, in the terms that decide who may still write.</summary>
public enum DiskLevel
{
    /// <summary>Everybody may write.</summary>
    Enough = 1,

    /// <summary>The health of the host says so; everything goes on.</summary>
    Low = 2,

    /// <summary>Nothing new starts and task logs stop, so that PostgreSQL keeps the rest for its own log (WAL).</summary>
    Critical = 3,
}

/// <summary>Below how many free bytes a level begins.</summary>
/// <param name="Low">Below this, <see cref="DiskLevel.Low"/>. Bytes.</param>
/// <param name="Critical">Below this, <see cref="DiskLevel.Critical"/>. Bytes, less than <paramref name="Low"/>.</param>
public readonly record struct DiskThresholds(long Low, long Critical)
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>
    /// The default for a file system of this size: low at 2 %, but never under 128 MiB (eight WAL segments) nor over
    /// 512 MiB; critical at a quarter of that.
    /// </summary>
    public static DiskThresholds For(long totalBytes)
    {
        var low = Math.Clamp(totalBytes / 50, 128 * Mebibyte, 512 * Mebibyte);
        return new DiskThresholds(low, low / 4);
    }
}

/// <summary>
/// Tells when the data folder's file system runs low. Going back takes a quarter more than the threshold, so that a disk at
/// the mark does not switch logs on and off. Each <see cref="Check"/> asks the probe once; call it every few seconds or
/// every few megabytes. Not thread-safe.
/// </summary>
public sealed class DiskWatermark
{
    private readonly Func<DiskSpace> _probe;
    private readonly DiskThresholds? _thresholds;

    /// <summary>Creates the checker.</summary>
    /// <param name="probe">Reads the space; see <see cref="ProbeOf"/>.</param>
    /// <param name="thresholds">Null: <see cref="DiskThresholds.For"/> of the size the probe tells.</param>
    public DiskWatermark(Func<DiskSpace> probe, DiskThresholds? thresholds = null)
    {
        _probe = probe;
        _thresholds = thresholds;
    }

    /// <summary>The level at the last check; <see cref="DiskLevel.Enough"/> before the first.</summary>
    public DiskLevel Level { get; private set; } = DiskLevel.Enough;

    /// <summary>The space at the last check.</summary>
    public DiskSpace Space { get; private set; }

    /// <summary>A probe of the file system that holds a folder.</summary>
    public static Func<DiskSpace> ProbeOf(string path)
    {
        var drive = new DriveInfo(path);
        return () => new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
    }

    /// <summary>Reads the space and returns the level.</summary>
    public DiskLevel Check()
    {
        Space = _probe();
        return Level = Next(Level, Space.Free, _thresholds ?? DiskThresholds.For(Space.Total));
    }

    internal static DiskLevel Next(DiskLevel before, long free, DiskThresholds at)
    {
        var critical = before == DiskLevel.Critical ? Raised(at.Critical) : at.Critical;
        if (free < critical) return DiskLevel.Critical;
        var low = before == DiskLevel.Enough ? at.Low : Raised(at.Low);
        return free < low ? DiskLevel.Low : DiskLevel.Enough;
    }

    private static long Raised(long threshold) => threshold + (threshold / 4);
}
