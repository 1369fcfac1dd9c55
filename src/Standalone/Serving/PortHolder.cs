using System.Globalization;

namespace OrleansFlow.Standalone.Serving;

/// <summary>Finds out who listens on a port, as far as this user may see.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>The process, such as <c>process 4711 (postgres)</c>; null when it cannot be told.</summary>
    /// <param name="port">The port.</param>
    public static string? Find(int port)
    {
        try
        {
            var sockets = Sockets("/proc/net/tcp", port).Concat(Sockets("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
            if (sockets.Count == 0) return null;
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
                if (Holds(process, sockets)) return $"process {Path.GetFileName(process)} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // another system, or a process that has just ended: it is only a hint
        }

        return null;
    }

    // A line: number, local address and port in hexadecimal, the other side's, the state, five more fields, and the socket's inode.
    private static IEnumerable<string> Sockets(string table, int port) => !File.Exists(table) ? [] : File.ReadLines(table)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields.Length > 9 && fields[3] == Listening
            && fields[1].EndsWith(port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal))
        .Select(fields => fields[9]);

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception foreign) when (foreign is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
