using System.Security.Cryptography;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.Serving;

/// <summary>
/// The token of a data folder: random, made once, readable by its user only. Whoever can read it can read the database too. It stays the same
/// over restarts, so that those who wait for a server to come back are let in again.
/// </summary>
public static class ApiTokenFile
{
    private const int RandomBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The token of a folder, made when there is none.</summary>
    /// <exception cref="HostStartException">It cannot be read or made.</exception>
    public static string ReadOrCreate(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            if (Read(folder.ApiToken) is { } known) return known;
            var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
            var draft = folder.ApiToken + ".new";
            File.Delete(draft);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var writer = new StreamWriter(draft, options)) writer.Write(token + "\n");
            File.Move(draft, folder.ApiToken, overwrite: true);
            return token;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The token file {folder.ApiToken} cannot be read or made: {e.Message}",
                "Remove it, or choose another data folder with --data.", e);
        }
    }

    /// <summary>The token in a file; null when there is none, or when others may read it: then it is worth nothing.</summary>
    private static string? Read(string path)
    {
        if (!File.Exists(path)) return null;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0) return null;
        var token = File.ReadAllText(path).Trim();
        return token.Length >= RandomBytes ? token : null;
    }
}
