using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Cli.Servers;

/// <summary>The server that serves a data folder.</summary>
internal static class LocalServer
{
    /// <summary>The live server of a data folder; null when there is none.</summary>
    /// <param name="dataFolder">The folder; null: the default one.</param>
    public static ServerAddress? Find(string? dataFolder)
    {
        try
        {
            var folder = DataFolder.OpenToLook(dataFolder);
            return LiveServer.Find(folder) is { } live
                ? new ServerAddress(live.Grpc, File.Exists(folder.ApiToken) ? folder.ApiToken : null, $"the server of {folder.Root}")
                : null;
        }
        catch (Exception unusable) when (unusable is HostStartException or IOException or UnauthorizedAccessException)
        {
            // whoever needs the folder itself says what is wrong with it
            return null;
        }
    }
}
