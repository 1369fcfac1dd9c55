using System.Globalization;

namespace OrleansFlow.Standalone.DataFolders;

/// <summary>A user of the machine.</summary>
internal sealed record Account(string Name, uint Uid, uint Gid, string Home);

/// <summary>The machine's own users, from /etc/passwd (directory services are not asked).</summary>
internal static class Accounts
{
    public static Account? Find(string name) => Local().FirstOrDefault(account => account.Name == name);

    public static Account? Find(uint uid) => Local().FirstOrDefault(account => account.Uid == uid);

    /// <summary>For messages: <c>user 'postgres'</c>, or the number when it has no name here.</summary>
    public static string NameOf(uint uid) => Find(uid) is { } account ? $"user '{account.Name}'" : $"user {uid}";

    private static IEnumerable<Account> Local() =>
        File.Exists("/etc/passwd") ? File.ReadLines("/etc/passwd").Select(Parse).OfType<Account>() : [];

    internal static Account? Parse(string line) =>
        line.Split(':') is [var name, _, var uid, var gid, _, var home, ..]
        && uint.TryParse(uid, CultureInfo.InvariantCulture, out var user)
        && uint.TryParse(gid, CultureInfo.InvariantCulture, out var group)
            ? new Account(name, user, group, home)
            : null;
}
