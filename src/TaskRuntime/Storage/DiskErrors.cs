namespace OrleansFlow.TaskRuntime.Storage;

/// <summary>What a failure of the file system says of the disk.</summary>
public static class DiskErrors
{
    // ENOSPC is 28 on Linux and macOS; EDQUOT 122 and 69.
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const int OverQuotaOnMac = 69;

    /// <summary>Whether it comes of a full disk or a used-up quota, by itself or by what caused it.</summary>
    public static bool IsDiskFull(this Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
            if (e is IOException && (e.HResult & 0xFFFF) is NoSpace or OverQuota or OverQuotaOnMac)
                return true;
        return false;
    }
}
