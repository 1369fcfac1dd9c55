using System.Diagnostics;
using System.Globalization;
using Npgsql;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.PrivatePostgres;

public class TakeoverTests
{
    [Fact]
    public async Task ServerOfAKilledHost_IsTakenOver_ByTheNextStart()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        var killed = await scratch.StartAsync(locked);
        await killed.AbandonAsync();
        var pid = scratch.Pid;

        await using var next = await scratch.StartAsync(locked);

        scratch.Pid.ShouldBe(pid);
        scratch.Told[^1].Message.ShouldContain("taken over");
        next.ConnectionString.ShouldBe(killed.ConnectionString);
        await next.DisposeAsync();
        scratch.Runs.ShouldBeFalse();
    }

    [Fact]
    public async Task PidFileOfADeadServer_IsNoObstacle()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).AbandonAsync();
        Posix.Signal(scratch.Pid, Posix.SigKill);

        await using var next = await scratch.StartAsync(locked);

        (await Scratch.AskAsync(next.ConnectionString, "SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task PidFileWhoseNumberAStrangerGot_IsNoObstacle_AndTheStrangerLives()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).DisposeAsync();
        var account = ServerAccount.For(scratch.Folder);
        // A process of the server's own user: PostgreSQL by itself would take it for another postmaster.
        using var stranger = Process.Start(Tool.Describe(account.Run("/bin/sleep", "60")))!;
        var pidFile = PostmasterFile.PathIn(scratch.Folder.Postgres);
        await File.WriteAllTextAsync(
            pidFile, string.Create(CultureInfo.InvariantCulture, $"{stranger.Id}\n{scratch.Folder.Postgres}\n1\n5432\n/nowhere\n\n1 1\nready   \n"));
        account.Own(pidFile);

        await using var next = await scratch.StartAsync(locked);

        (await Scratch.AskAsync(next.ConnectionString, "SELECT 1")).ShouldBe("1");
        stranger.HasExited.ShouldBeFalse();
        stranger.Kill();
    }

    [Fact]
    public async Task ServerWhoseSocketWasRemoved_IsRestarted()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).AbandonAsync();
        var pid = scratch.Pid;
        Directory.Delete(SocketFolder.For(scratch.Folder.Root, Posix.EffectiveUser), recursive: true);

        await using var next = await scratch.StartAsync(locked);

        scratch.Pid.ShouldNotBe(pid);
        (await Scratch.AskAsync(next.ConnectionString, "SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task PostmasterKilledUnderTheHost_IsRestarted_WithTheSameConnectionString()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);
        await Scratch.AskAsync(server.ConnectionString, "CREATE TABLE t AS SELECT 7 AS n");
        await scratch.NextAsync(ServerState.Ready);

        for (var round = 0; round < 2; round++)
        {
            var pid = scratch.Pid;
            Posix.Signal(pid, Posix.SigKill).ShouldBeTrue();
            (await scratch.NextAsync(ServerState.Lost)).Message.ShouldContain(pid.ToString(CultureInfo.InvariantCulture));
            await scratch.NextAsync(ServerState.Ready);
            scratch.Pid.ShouldNotBe(pid);
            (await Scratch.AskAsync(server.ConnectionString, "SELECT n FROM t")).ShouldBe("7");
        }
    }

    [Fact]
    public async Task ProcessesThatOutliveThePostmaster_AreWaitedFor()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);
        await scratch.NextAsync(ServerState.Ready);
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        // Computing, it does not notice that its postmaster is gone.
        await using var command = new NpgsqlCommand("SELECT count(*) FROM generate_series(1, 10000000)", connection);
        var computing = command.ExecuteScalarAsync();

        Posix.Signal(scratch.Pid, Posix.SigKill);
        (await scratch.NextAsync(ServerState.Starting)).Message.ShouldContain("still at work");
        await scratch.NextAsync(ServerState.Ready);

        (await Scratch.AskAsync(server.ConnectionString, "SELECT 1")).ShouldBe("1");
        (await computing).ShouldBe(10_000_000L);
    }

    [Fact]
    public async Task RestartThatFails_IsToldAndTriedAgain_UntilItSucceeds()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);
        await scratch.NextAsync(ServerState.Ready);
        var control = Path.Combine(scratch.Folder.Postgres, "global", "pg_control");

        File.Move(control, control + ".away");
        Posix.Signal(scratch.Pid, Posix.SigKill);
        await scratch.NextAsync(ServerState.Lost);
        (await scratch.NextAsync(ServerState.Lost)).Message.ShouldContain("Trying again");
        File.Move(control + ".away", control);

        await scratch.NextAsync(ServerState.Ready);
        (await Scratch.AskAsync(server.ConnectionString, "SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task Reader_FindsTheRunningServer_WithoutTheLock()
    {
        await using var scratch = new Scratch();
        (await PostgresReader.TryFindRunningAsync(scratch.Folder)).ShouldBeNull();
        using var locked = scratch.Folder.Lock();
        await using var server = await scratch.StartAsync(locked);

        await using var reader = await PostgresReader.TryFindRunningAsync(scratch.Folder);

        reader!.ConnectionString.ShouldBe(server.ConnectionString);
        await reader.DisposeAsync();
        scratch.Runs.ShouldBeTrue("the host still needs it");
    }

    [Fact]
    public async Task HostThatEnds_LeavesTheServer_ToItsLastReader()
    {
        await using var scratch = new Scratch();
        using (var locked = scratch.Folder.Lock())
        {
            await using var server = await scratch.StartAsync(locked);
            var first = await PostgresReader.TryFindRunningAsync(scratch.Folder);
            var second = await PostgresReader.TryFindRunningAsync(scratch.Folder);
            await server.DisposeAsync();
            await server.DisposeAsync();

            await first!.DisposeAsync();
            (await Scratch.AskAsync(second!.ConnectionString, "SELECT 1")).ShouldBe("1");
            await second.DisposeAsync();
        }

        scratch.Runs.ShouldBeFalse();
    }

    [Fact]
    public async Task Reader_OfAKilledHostsServer_LeavesItRunning()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).AbandonAsync();

        await (await PostgresReader.TryFindRunningAsync(scratch.Folder))!.DisposeAsync();

        scratch.Runs.ShouldBeTrue();
    }
}
