using System.Diagnostics;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.PrivatePostgres;

public class RefusalTests
{
    [Fact]
    public async Task SecondHost_IsRefused_WithTheFirstOnesPid()
    {
        await using var scratch = new Scratch();
        using (scratch.Folder.Lock())
        {
            var refused = Should.Throw<HostStartException>(scratch.Folder.Lock);
            refused.Problem.ShouldBe(StartProblem.Locked);
            refused.Message.ShouldContain($"process {Environment.ProcessId},");
            refused.WhatToDo.ShouldContain($"kill {Environment.ProcessId}");
        }

        scratch.Folder.Lock().Dispose();
    }

    [Fact]
    public async Task LockOfAKilledProcess_IsFree()
    {
        if (Tool.Find("flock") is not { } flock) return;
        await using var scratch = new Scratch();
        var info = Tool.Describe([flock, "--no-fork", scratch.Folder.LockFile, "/bin/sh", "-c", "echo held; exec sleep 60"]);
        info.RedirectStandardOutput = true;
        using var holder = Process.Start(info)!;
        (await holder.StandardOutput.ReadLineAsync()).ShouldBe("held");

        Should.Throw<HostStartException>(scratch.Folder.Lock).Problem.ShouldBe(StartProblem.Locked);
        holder.Kill();
        await holder.WaitForExitAsync();
        scratch.Folder.Lock().Dispose();
    }

    [Fact]
    public async Task DataOfAnotherVersion_IsRefused_NamingBoth()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(scratch.Folder.Postgres, "PG_VERSION"), "11\n");

        var refused = await Should.ThrowAsync<HostStartException>(() => scratch.StartAsync(locked));

        refused.Problem.ShouldBe(StartProblem.VersionMismatch);
        refused.Message.ShouldContain("made by PostgreSQL 11");
        refused.Message.ShouldContain(scratch.Folder.Postgres);
        refused.WhatToDo.ShouldContain("pg_upgrade");
    }

    [Fact]
    public async Task MissingPostgres_SaysWhatToInstall()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();

        var refused = await Should.ThrowAsync<HostStartException>(
            () => scratch.StartAsync(locked, Scratch.Options with { Installations = [] }));

        refused.Problem.ShouldBe(StartProblem.NotInstalled);
        refused.WhatToDo.ShouldContain("postgresql");
    }

    [Fact]
    public async Task DatabaseThatLostItsControlFile_IsNeverOverwritten()
    {
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        await (await scratch.StartAsync(locked)).DisposeAsync();
        File.Delete(Path.Combine(scratch.Folder.Postgres, "global", "pg_control"));

        (await Should.ThrowAsync<HostStartException>(() => scratch.StartAsync(locked))).Problem.ShouldBe(StartProblem.Damaged);
        Directory.Exists(Path.Combine(scratch.Folder.Postgres, "base")).ShouldBeTrue();
    }

    [Fact]
    public async Task SocketFolderOfAnotherUser_IsRefused()
    {
        if (!Posix.IsRoot || Accounts.Find("nobody") is not { } nobody) return;
        await using var scratch = new Scratch();
        using var locked = scratch.Folder.Lock();
        var socket = SocketFolder.For(scratch.Folder.Root, Posix.EffectiveUser);
        Directory.CreateDirectory(socket);
        Posix.SetOwner(socket, nobody.Uid, nobody.Gid);

        var refused = await Should.ThrowAsync<HostStartException>(() => scratch.StartAsync(locked));

        refused.Problem.ShouldBe(StartProblem.ForeignOwner);
        refused.Message.ShouldContain("user 'nobody'");
    }

    [Fact]
    public async Task FolderOfAnotherUser_OrOpenToOthers_IsRefused()
    {
        await using var scratch = new Scratch();
        var open = Path.Combine(scratch.Folder.Root, "open");
        Posix.CreateFolder(open, Posix.OwnerOnly);
        Posix.SetMode(open, Posix.OwnerOnly | UnixFileMode.OtherWrite);
        Should.Throw<HostStartException>(() => DataFolder.Open(open)).Problem.ShouldBe(StartProblem.PermissionDenied);

        if (!Posix.IsRoot || Accounts.Find("nobody") is not { } nobody) return;
        Posix.SetMode(open, Posix.OwnerOnly);
        Posix.SetOwner(open, nobody.Uid, nobody.Gid);
        var refused = Should.Throw<HostStartException>(() => DataFolder.Open(open));
        refused.Problem.ShouldBe(StartProblem.ForeignOwner);
        refused.Message.ShouldContain(open);
    }

    [Fact]
    public async Task FolderThatPostgresCannotEnter_IsRefused_ForRoot()
    {
        if (!Posix.IsRoot) return;
        await using var scratch = new Scratch();
        var closed = Path.Combine(scratch.Folder.Root, "closed");
        Posix.CreateFolder(closed, Posix.OwnerOnly);
        var folder = DataFolder.Open(Path.Combine(closed, "data"));
        using var locked = folder.Lock();

        var refused = await Should.ThrowAsync<HostStartException>(() => scratch.StartAsync(locked));

        refused.Problem.ShouldBe(StartProblem.PermissionDenied);
        refused.WhatToDo.ShouldContain("/var/lib/orleansflow");
        Directory.Exists(folder.Postgres).ShouldBeFalse();
    }
}
