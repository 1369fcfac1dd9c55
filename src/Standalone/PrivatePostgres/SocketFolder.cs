using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// The folder of the server's Unix socket: short (an address holds 107 bytes), the same at every start of a data folder,
/// and closed (0700) to everybody but the server's account and root: only they can connect, whatever pg_hba.conf says.
/// </summary>
internal static class SocketFolder
{
    public const int Port = 5432;

    private const int LongestLinuxAddress = 107;

    private const int LongestMacAddress = 103;

    /// <summary>The socket folder of a data folder.</summary>
    /// <remarks>
    /// For root in /run, where nobody else could put a folder in its place; else in /tmp, which is cleaned only of sockets that nobody listens on.
    /// A machine that allows neither gets it in the data folder, if its path is short enough.
    /// </remarks>
    public static string For(string dataFolder, uint user)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..12];
        if (user == 0 && Directory.Exists("/run")) return $"/run/orleansflow-{hash}";
        return Directory.Exists("/tmp") ? $"/tmp/of-{user}-{hash}" : Path.Combine(dataFolder, "socket");
    }

    /// <summary>The socket itself.</summary>
    public static string SocketIn(string folder) => Path.Combine(folder, $".s.PGSQL.{Port}");

    /// <summary>Makes the folder, or makes sure that an existing one is the account's own.</summary>
    /// <exception cref="HostStartException">Its path is too long, or somebody else has put something there.</exception>
    public static void Prepare(string folder, ServerAccount account)
    {
        RequireShort(folder);
        try
        {
            if (Posix.OwnerOf(folder) is null)
            {
                Posix.CreateFolder(folder, Posix.OwnerOnly);
                account.Own(folder);
            }

            // Looked at after making it: in a shared /tmp somebody may have been faster.
            var owner = Posix.OwnerOf(folder);
            if (owner is not { IsDirectory: true } || owner.Value.Uid != account.User.Uid)
                throw new HostStartException(
                    StartProblem.ForeignOwner,
                    $"The folder of PostgreSQL's socket, {folder}, is not {Accounts.NameOf(account.User.Uid)}'s own"
                    + (owner is { } other ? $": it belongs to {Accounts.NameOf(other.Uid)}." : "."),
                    $"Find out who made it, remove it, and start again.");
            if (owner.Value.Mode != Posix.OwnerOnly) Posix.SetMode(folder, Posix.OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException(
                StartProblem.PermissionDenied, $"The folder of PostgreSQL's socket, {folder}, cannot be made: {e.Message}",
                "Make its parent folder writable for this user.", e);
        }
    }

    /// <summary>Removes the folder when the server has ended and left it empty; the next start makes it again.</summary>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not empty, or not ours to remove: it does no harm.
        }
    }

    internal static void RequireShort(string folder)
    {
        var length = Encoding.UTF8.GetByteCount(SocketIn(folder));
        var longest = OperatingSystem.IsMacOS() ? LongestMacAddress : LongestLinuxAddress;
        if (length > longest)
            throw new HostStartException(
                StartProblem.SocketPathTooLong,
                $"The path of PostgreSQL's socket, {SocketIn(folder)}, has {length} bytes; the operating system allows {longest}.",
                "Choose a data folder with a shorter path in FLOW_DATA_DIR.");
    }
}
