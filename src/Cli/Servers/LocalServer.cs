using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;

namespace OrleansFlow.Cli.Servers;

/// <summary>
/// The server that serves a data folder. It says in a file of the folder where it listens, and keeps its token beside that; a file that a
/// server left behind when it was killed does not count, since nobody holds the folder for it any more.
/// </summary>
internal static class LocalServer
{
    private const string AddressFile = "api.json";
    private const string TokenFile = "api.token";

    /// <summary>The live server of a data folder; null when there is none.</summary>
    /// <param name="dataFolder">The folder; null: the default one.</param>
    public static ServerAddress? Find(string? dataFolder)
    {
        try
        {
            var folder = DataFolder.Open(dataFolder);
            var file = Path.Combine(folder.Root, AddressFile);
            if (!File.Exists(file) || Read(File.ReadAllText(file)) is not { } said || said.Process != folder.FindHolder()) return null;
            var token = Path.Combine(folder.Root, TokenFile);
            return new ServerAddress(said.Address, File.Exists(token) ? token : null, $"the server of {folder.Root}");
        }
        catch (Exception unusable) when (unusable is HostStartException or IOException or UnauthorizedAccessException)
        {
            // whoever needs the folder itself says what is wrong with it
            return null;
        }
    }

    /// <summary>What such a file says; null when it says something else.</summary>
    internal static (string Address, int Process)? Read(string text)
    {
        try
        {
            var said = JsonNode.Parse(text);
            return said?["grpc"]?.GetValue<string>() is { } address && said["pid"]?.GetValue<int>() is { } process ? (address, process) : null;
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
