using System.Globalization;
using Npgsql;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.PrivatePostgres;

public class StartTests
{
    [Fact]
    public async Task FirstStart_MakesADurableServer_WithoutANetwork()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);

        scratch.Told.Select(notice => notice.State).ShouldBe([ServerState.Creating, ServerState.Ready]);
        foreach (var (setting, value) in new[]
        {
            ("listen_addresses", ""), ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
            ("data_checksums", "on"), ("server_encoding", "UTF8"), ("unix_socket_permissions", "0700"), ("TimeZone", "UTC"),
        })
            (await Scratch.AskAsync(server.ConnectionString, $"SHOW {setting}")).ShouldBe(value, setting);
        (await Scratch.AskAsync(server.ConnectionString, "SELECT current_database() || ' ' || current_user")).ShouldBe("flow flow");
    }

    [Fact]
    public async Task Folders_AreClosedToOthers()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);

        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        var top = Directory.EnumerateFileSystemEntries(scratch.Folder.Root).Append(scratch.Folder.Root);
        foreach (var path in top.Concat(Directory.EnumerateFiles(scratch.Folder.Logs)))
            (Posix.OwnerOf(path)!.Value.Mode & others).ShouldBe((UnixFileMode)0, path);
        foreach (var mine in new[] { scratch.Folder.Artifacts, scratch.Folder.Attempts, scratch.Folder.Logs })
        {
            Posix.OwnerOf(mine)!.Value.Uid.ShouldBe(Posix.EffectiveUser);
            Posix.OwnerOf(mine)!.Value.Mode.ShouldBe(Posix.OwnerOnly);
        }

        var socket = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host!;
        Posix.OwnerOf(socket)!.Value.Mode.ShouldBe(Posix.OwnerOnly);
    }

    [Fact]
    public async Task Server_RunsAsAnotherUserForRoot_InASessionOfItsOwn()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);

        var pid = scratch.Pid;
        var account = ServerAccount.For(scratch.Folder);
        var status = await File.ReadAllLinesAsync($"/proc/{pid}/status");
        status.Single(line => line.StartsWith("Uid:")).ShouldBe($"Uid:\t{string.Join('\t', Enumerable.Repeat(account.User.Uid, 4))}");
        account.IsOther.ShouldBe(Posix.IsRoot);

        var afterName = (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Split(") ")[1].Split(' ');
        int.Parse(afterName[3], CultureInfo.InvariantCulture).ShouldBe(pid, "the session");
    }

    [Fact]
    public async Task OtherRoles_NeedAPassword_AndTheSuperuserIsOnlyItsOwner()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);
        await Scratch.AskAsync(server.ConnectionString, "CREATE ROLE task LOGIN PASSWORD 'secret'");

        var task = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "task" };
        task.Password = "wrong";
        (await Should.ThrowAsync<PostgresException>(() => Scratch.AskAsync(task.ConnectionString, "SELECT 1")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        task.Password = "secret";
        (await Scratch.AskAsync(task.ConnectionString, "SELECT current_user")).ShouldBe("task");

        if (!Posix.IsRoot || Accounts.Find("nobody") is not { } nobody || Tool.Find("setpriv") is not { } setpriv) return;
        var (_, seen) = await Tool.RunAsync(
            [setpriv, $"--reuid={nobody.Uid}", $"--regid={nobody.Gid}", "--clear-groups", "--", "ls", task.Host!], CancellationToken.None);
        seen.ShouldContain("Permission denied");
    }

    [Fact]
    public async Task WarmStart_KeepsTheData_AndIsQuick()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using (var first = await scratch.StartAsync(locked))
            await Scratch.AskAsync(first.ConnectionString, "CREATE TABLE t AS SELECT 7 AS n");

        scratch.Runs.ShouldBeFalse();
        Directory.Exists(SocketFolder.For(scratch.Folder.Root, Posix.EffectiveUser)).ShouldBeFalse();
        var begin = TimeProvider.System.GetTimestamp();
        await using var second = await scratch.StartAsync(locked);
        var took = TimeProvider.System.GetElapsedTime(begin);

        (await Scratch.AskAsync(second.ConnectionString, "SELECT n FROM t")).ShouldBe("7");
        took.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task InterruptedInitDb_IsRedone()
    {
        await using var scratch = new Scratch();
        var unfinished = scratch.Folder.PostgresUnfinished + "killed";
        Directory.CreateDirectory(Path.Combine(unfinished, "base"));
        await File.WriteAllTextAsync(Path.Combine(unfinished, "PG_VERSION"), "15\n");
        Directory.CreateDirectory(scratch.Folder.Postgres);
        await File.WriteAllTextAsync(Path.Combine(scratch.Folder.Postgres, "PG_VERSION"), "15\n");

        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);

        (await Scratch.AskAsync(server.ConnectionString, "SELECT 1")).ShouldBe("1");
        Directory.Exists(unfinished).ShouldBeFalse();
    }

    [Fact]
    public async Task CancelledStart_LeavesNothingRunning_AndTheNextSucceeds()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        using var cancel = new CancellationTokenSource();
        var start = scratch.StartAsync(locked, cancellationToken: cancel.Token);
        await scratch.NextAsync(ServerState.Creating);
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => start);
        scratch.Runs.ShouldBeFalse();
        Directory.Exists(scratch.Folder.Postgres).ShouldBeFalse();
        await using var server = await scratch.StartAsync(locked);
        (await Scratch.AskAsync(server.ConnectionString, "SELECT 1")).ShouldBe("1");
    }
}
