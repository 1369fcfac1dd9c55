using System.Globalization;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.Serving;

/// <summary>Where the server of a data folder listens: written when it listens, removed when it stops.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Grpc">The address of gRPC, such as <c>http://127.0.0.1:8233</c>.</param>
/// <param name="Http">The address of JSON over HTTP/1.1.</param>
public sealed record LiveServer(int Pid, string Grpc, string Http)
{
    /// <summary>The server of a folder; null when none listens, or the one that did was killed.</summary>
    public static LiveServer? Find(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            // The lock tells whether its process lives: a file may be left behind.
            var live = Read(File.ReadAllLines(folder.ApiAddress));
            return live is not null && folder.FindHolder() == live.Pid ? live : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>As this machine reaches it: a server that listens on all addresses is called on loopback.</summary>
    internal LiveServer Reachable() => this with { Grpc = OnLoopback(Grpc), Http = OnLoopback(Http) };

    private static string OnLoopback(string address) => address
        .Replace("://0.0.0.0:", "://127.0.0.1:", StringComparison.Ordinal)
        .Replace("://[::]:", "://[::1]:", StringComparison.Ordinal);

    // Lines, since every command reads it: a process that reads JSON for the first time takes longer for it than for all the rest of finding a server.
    private static LiveServer? Read(string[] lines)
    {
        return Value("grpc=") is { } grpc && Value("http=") is { } http
            && int.TryParse(Value("pid="), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? new LiveServer(pid, grpc, http)
            : null;

        string? Value(string name) => Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
    }

    internal void Write(DataFolder folder)
    {
        var draft = folder.ApiAddress + ".new";
        File.WriteAllText(draft, $"grpc={Grpc}\nhttp={Http}\npid={Pid}\n");
        File.Move(draft, folder.ApiAddress, overwrite: true);
    }

    internal static void Remove(DataFolder folder) => File.Delete(folder.ApiAddress);
}
