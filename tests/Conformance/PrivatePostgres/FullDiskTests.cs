using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.PrivatePostgres;

/// <summary>On a small file system of their own; machines that allow no mounts leave this to the explanations' unit tests.</summary>
public class FullDiskTests
{
    [Fact]
    public Task FirstStart_IsExplained_AndTheNextOneSucceeds() => OnSmallDiskAsync("12m", async (scratch, folder) =>
    {
        using var locked = folder.Lock();
        var refused = await Should.ThrowAsync<HostStartException>(() => scratch.StartAsync(locked));
        refused.Problem.ShouldBe(StartProblem.DiskFull);
        refused.Message.ShouldContain(folder.Root);

        (await MountAsync("-o", "remount,size=200m", folder.Root)).ShouldBeTrue();
        await using var server = await scratch.StartAsync(locked);
        (await Scratch.AskAsync(server.ConnectionString, "SELECT 1")).ShouldBe("1");
    });

    [Fact]
    public Task RunningServer_ComesBackByItself_WithWhatWasCommitted_OnceThereIsRoom() => OnSmallDiskAsync("200m", async (scratch, folder) =>
    {
        using var locked = folder.Lock();
        await using var server = await scratch.StartAsync(locked);
        await scratch.NextAsync(ServerState.Ready);
        await Scratch.AskAsync(server.ConnectionString, "CREATE TABLE t AS SELECT 7 AS n");
        var filler = Path.Combine(folder.Root, "filler");
        Fill(filler);

        Posix.Signal(PostmasterProcess.Find(folder.Postgres)!.Pid, Posix.SigKill);
        await scratch.NextAsync(ServerState.Lost);
        (await scratch.NextAsync(ServerState.Lost)).Message.ShouldContain("is full");
        File.Delete(filler);

        await scratch.NextAsync(ServerState.Ready);
        (await Scratch.AskAsync(server.ConnectionString, "SELECT n FROM t")).ShouldBe("7");
    });

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full, as intended.
        }
    }

    private static async Task OnSmallDiskAsync(string size, Func<Scratch, DataFolder, Task> test)
    {
        await using var scratch = new Scratch();
        var small = Path.Combine(scratch.Folder.Root, "small");
        Posix.CreateFolder(small, Posix.OwnerOnly);
        Posix.SetMode(scratch.Folder.Root, Posix.OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        if (!Posix.IsRoot || !await MountAsync("-t", "tmpfs", "-o", $"size={size},mode=700", "none", small)) return;
        try
        {
            await test(scratch, DataFolder.Open(small));
        }
        finally
        {
            await Postmaster.StopAsync(Path.Combine(small, "postgres"), TimeSpan.FromSeconds(30), TimeProvider.System);
            await Tool.RunAsync(["/bin/umount", small], CancellationToken.None);
        }
    }

    private static async Task<bool> MountAsync(params string[] arguments) =>
        Tool.Find("mount") is { } mount && (await Tool.RunAsync([mount, .. arguments], CancellationToken.None)).ExitCode == 0;
}
