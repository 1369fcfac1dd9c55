using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>
/// The user that owns and runs the server. It is this process's own, except for root, as whom PostgreSQL refuses to run.
/// </summary>
internal sealed record ServerAccount(Account User, bool IsOther)
{
    /// <summary>Accounts that may run the server for root, best first. Never a shared one such as nobody: it could read the data.</summary>
    private static readonly string[] s_candidates = ["orleansflow", "postgres", "_postgres"];

    /// <summary>The account for a data folder: whoever owns the data already, else the first candidate of this machine.</summary>
    /// <exception cref="HostStartException">Root finds no account to run the server as.</exception>
    public static ServerAccount For(DataFolder folder)
    {
        if (!Posix.IsRoot)
        {
            var self = Accounts.Find(Posix.EffectiveUser);
            return new ServerAccount(self ?? new Account("", Posix.EffectiveUser, Posix.EffectiveGroup, "/"), IsOther: false);
        }

        var owner = Posix.OwnerOf(folder.Postgres) is { Uid: not 0 } data ? Accounts.Find(data.Uid) : null;
        var user = owner ?? s_candidates.Select(Accounts.Find).FirstOrDefault(account => account is not null);
        return user is not null
            ? new ServerAccount(user, IsOther: true)
            : throw new HostStartException(
                StartProblem.Unsupported,
                $"PostgreSQL refuses to run as root, and none of the users {string.Join(", ", s_candidates)} exists here.",
                "Create one (`useradd --system --no-create-home orleansflow`), or run as an ordinary user.");
    }

    /// <summary>The command that runs a program as this account and becomes it (no shell stays in between, where possible).</summary>
    public IEnumerable<string> Run(params IEnumerable<string> command)
    {
        if (!IsOther) return command;
        if (Tool.Find("setpriv") is { } setpriv && !Tool.IsBusyBox(setpriv))
            return [setpriv, $"--reuid={User.Uid}", $"--regid={User.Gid}", "--clear-groups", "--", .. command];
        if (Tool.Find("runuser") is { } runuser)
            return [runuser, "-u", User.Name, "--", .. command];
        if (Tool.Find("su") is { } su)
            return [su, "-s", "/bin/sh", User.Name, "-c", "exec \"$0\" \"$@\"", .. command];
        throw new HostStartException(
            StartProblem.Unsupported, $"None of setpriv, runuser and su is here to run PostgreSQL as '{User.Name}'.",
            "Install util-linux, or run as an ordinary user.");
    }

    /// <summary>Gives a path of root's to this account alone.</summary>
    public void Own(string path)
    {
        if (IsOther) Posix.SetOwner(path, User.Uid, User.Gid);
    }

    /// <summary>Lets this account's group at a path that stays root's; where the account is this process's own, nobody else.</summary>
    public void Share(string path, UnixFileMode owner, UnixFileMode group)
    {
        if (IsOther) Posix.SetOwner(path, 0, User.Gid);
        Posix.SetMode(path, IsOther ? owner | group : owner);
    }
}
