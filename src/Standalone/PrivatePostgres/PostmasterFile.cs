using System.Globalization;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// What a running server writes into postmaster.pid: pid, data directory, start, port, socket folder, address, shared
/// memory, status, one line each (PostgreSQL's pidfile.h). Lines appear one after another while the server starts.
/// </summary>
internal sealed record PostmasterFile(int Pid, string DataDirectory, string SocketFolder, string Status)
{
    public const string Ready = "ready";

    public const string Stopping = "stopping";

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>Reads the file of a data directory; null when there is none or nothing in it yet.</summary>
    /// <exception cref="UnauthorizedAccessException">The data belongs to another user.</exception>
    public static PostmasterFile? Read(string dataDirectory)
    {
        try
        {
            return Parse(File.ReadAllText(PathIn(dataDirectory)));
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal static PostmasterFile? Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        return int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid) && pid > 0
            ? new PostmasterFile(pid, Line(1), Line(4), Line(7))
            : null;

        string Line(int index) => index < lines.Length ? lines[index] : "";
    }
}
