using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.Serving;

/// <summary>Where the server of a data folder listens: written when it listens, removed when it stops.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Grpc">The address of gRPC, such as <c>http://127.0.0.1:8233</c>.</param>
/// <param name="Http">The address of JSON over HTTP/1.1.</param>
public sealed record LiveServer(int Pid, string Grpc, string Http)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The server of a folder; null when none listens, or the one that did was killed.</summary>
    public static LiveServer? Find(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            // The lock tells whether its process lives: a file may be left behind.
            var live = Read(File.ReadAllBytes(folder.ApiAddress));
            return live is not null && folder.FindHolder() == live.Pid ? live : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>As this machine reaches it: a server that listens on all addresses is called on loopback.</summary>
    internal LiveServer Reachable() => this with { Grpc = OnLoopback(Grpc), Http = OnLoopback(Http) };

    private static string OnLoopback(string address) => address
        .Replace("://0.0.0.0:", "://127.0.0.1:", StringComparison.Ordinal)
        .Replace("://[::]:", "://[::1]:", StringComparison.Ordinal);

    // By hand, since every command reads it: the first use of a type by a serializer takes longer than all the rest of that.
    private static LiveServer? Read(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("pid", out var pid) && pid.ValueKind == JsonValueKind.Number && pid.TryGetInt32(out var process)
            && root.TryGetProperty("grpc", out var grpc) && grpc.ValueKind == JsonValueKind.String
            && root.TryGetProperty("http", out var http) && http.ValueKind == JsonValueKind.String
            ? new LiveServer(process, grpc.GetString()!, http.GetString()!)
            : null;
    }

    internal void Write(DataFolder folder)
    {
        var draft = folder.ApiAddress + ".new";
        File.WriteAllText(draft, new JsonObject { ["pid"] = Pid, ["grpc"] = Grpc, ["http"] = Http }.ToJsonString(s_indented) + "\n");
        File.Move(draft, folder.ApiAddress, overwrite: true);
    }

    internal static void Remove(DataFolder folder) => File.Delete(folder.ApiAddress);
}
