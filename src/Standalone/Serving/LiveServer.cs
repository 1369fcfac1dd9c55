using System.Text.Json;
using System.Text.Json.Serialization;
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
            var live = JsonSerializer.Deserialize(File.ReadAllText(folder.ApiAddress), LiveServerJson.Default.LiveServer);
            return live is not null && folder.FindHolder() == live.Pid ? live : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>As this machine reaches it: a server that listens on all addresses is called on loopback.</summary>
    internal LiveServer Reachable() => this with { Grpc = OnLoopback(Grpc), Http = OnLoopback(Http) };

    private static string OnLoopback(string address) => address
        .Replace("://0.0.0.0:", "://127.0.0.1:", StringComparison.Ordinal)
        .Replace("://[::]:", "://[::1]:", StringComparison.Ordinal);

    internal void Write(DataFolder folder)
    {
        var draft = folder.ApiAddress + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(this, LiveServerJson.Default.LiveServer) + "\n");
        File.Move(draft, folder.ApiAddress, overwrite: true);
    }

    internal static void Remove(DataFolder folder) => File.Delete(folder.ApiAddress);
}

// Generated, since every command reads it and reflection takes longer than all the rest of that.
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(LiveServer))]
internal sealed partial class LiveServerJson : JsonSerializerContext;
