using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Cli.Servers;

/// <summary>The server that serves a data folder.</summary>
internal static class LocalServer
{
    /// <summary>The live server of a data folder; null when there is none.</summary>
    /// <param name="dataFolder">The folder; null: the default one.</param>
    /// <param name="tokenFile">The file with the token to show it; null: that of the folder.</param>
    public static ServerAddress? Find(string? dataFolder, string? tokenFile)
    {
        try
        {
            var folder = DataFolder.OpenToLook(dataFolder);
            if (LiveServer.Find(folder) is not { } live) return null;
            return new ServerAddress(live.Grpc, tokenFile ?? (File.Exists(folder.ApiToken) ? folder.ApiToken : null), $"the server of {folder.Root}")
            {
                FindAgain = () => Find(dataFolder, tokenFile)?.Address,
            };
        }
        catch (Exception unusable) when (unusable is HostStartException or IOException or UnauthorizedAccessException)
        {
            // whoever needs the folder itself says what is wrong with it
            return null;
        }
    }
}
