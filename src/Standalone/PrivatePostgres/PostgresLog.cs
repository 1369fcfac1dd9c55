namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// The server's log: its standard error, appended to a file that the host's user opened, so that the server needs no
/// access to the logs' folder.
/// </summary>
internal sealed class PostgresLog(string path, long limit)
{
    public string Path => path;

    public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>
    /// Keeps the log bounded: one that has outgrown the limit is copied aside and emptied (the server appends, and
    /// goes on at the new end; a line written in between may be lost).
    /// </summary>
    public void Bound()
    {
        if (Length <= limit) return;
        File.Copy(path, path + ".1", overwrite: true);
        using var file = Open(FileAccess.Write);
        file.SetLength(0);
    }

    /// <summary>What was logged after a position; at most the last 8 KiB.</summary>
    public string Since(long position)
    {
        if (!File.Exists(path)) return "";
        using var file = Open(FileAccess.Read);
        file.Position = Math.Max(Math.Min(position, file.Length), file.Length - 8192);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private FileStream Open(FileAccess access) => new(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
}
