using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>
/// A disk of the host that fills up although nothing said so before: on a small file system; machines that allow no mounts leave this to
/// what is said of held launches.
/// </summary>
public class LocalDiskTests
{
    [Fact]
    public Task Launch_ThatFindsTheDiskFull_WaitsForRoom_AndPeopleAreToldOnce() => OnSmallDiskAsync(async (harness, filler, _) =>
    {
        Fill(filler);
        var plan = BackendHarness.Command(["sh", "-eu"]) with { Script = "echo ran" };
        var launch = harness.Local.LaunchAsync(plan, CancellationToken.None);
        (await harness.SeeAsync<AttemptPending>(plan)).Detail.ShouldNotBeNull().ShouldContain("no room");
        (await harness.NoticeAsync()).ShouldContain("no room");
        File.Delete(filler);

        (await harness.SeeAsync<AttemptExited>(plan)).Exit.ExitCode.ShouldBe(0);
        await launch;
        (await harness.NoticeAsync()).ShouldContain("There is room");
        harness.Printed(plan).ShouldBe(["ran"]);
    });

    [Fact]
    public Task Launch_ThatWaitsForRoom_CanBeStopped() => OnSmallDiskAsync(async (harness, filler, _) =>
    {
        Fill(filler);
        var plan = BackendHarness.Command(["sh", "-eu"]) with { Script = "echo ran" };
        var launch = harness.Local.LaunchAsync(plan, CancellationToken.None);
        await harness.SeeAsync<AttemptPending>(plan);
        await harness.Local.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, TimeSpan.Zero, CancellationToken.None);
        (await harness.SeeAsync<AttemptLost>(plan)).Cause.ShouldBe(AttemptCause.Stopped);
        await launch;
    });

    [Fact]
    public Task Outputs_ThatFindTheDiskFull_WaitForRoom_AndAreKept() => OnSmallDiskAsync(async (harness, filler, gate) =>
    {
        var plan = await EndOnAFullDiskAsync(harness, filler, gate);
        (await harness.NoticeAsync()).ShouldContain("the outputs of manual-1/train");
        (await harness.Local.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldBeOfType<AttemptStarted>();
        File.Delete(filler);

        var exit = (await harness.SeeAsync<AttemptExited>(plan)).Exit;
        (exit.ExitCode, exit.OutputProblem).ShouldBe((0, null));
        exit.Outputs.ShouldNotBeNull().Files.ShouldHaveSingleItem().Size.ShouldBe(500_000);
        (await harness.NoticeAsync()).ShouldContain("There is room");
    });

    [Fact]
    public Task Outputs_ThatWaitForRoom_AreGivenUp_WhenTheAttemptIsStopped() => OnSmallDiskAsync(async (harness, filler, gate) =>
    {
        var plan = await EndOnAFullDiskAsync(harness, filler, gate);
        await harness.NoticeAsync();
        await harness.Local.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, TimeSpan.Zero, CancellationToken.None);
        (await harness.SeeAsync<AttemptExited>(plan)).Exit.OutputProblem.ShouldNotBeNull().ShouldContain("full");
    });

    private static async Task<AttemptPlan> EndOnAFullDiskAsync(LocalProcessHarness harness, string filler, string gate)
    {
        var plan = BackendHarness.Shell($"head -c 500000 /dev/zero > $FLOW_OUTPUTS/f; echo written; while [ ! -e {gate} ]; do sleep 0.05; done");
        await harness.Local.LaunchAsync(plan, CancellationToken.None);
        await harness.SeeLogAsync(plan, "out written");
        Fill(filler);
        await File.WriteAllTextAsync(gate, "");
        return plan;
    }

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

    private static async Task OnSmallDiskAsync(Func<LocalProcessHarness, string, string, Task> test)
    {
        var root = Directory.CreateTempSubdirectory("flow-disk-").FullName;
        var small = Directory.CreateDirectory(Path.Combine(root, "small")).FullName;
        if (Tool.Find("mount") is { } mount
            && (await Tool.RunAsync([mount, "-t", "tmpfs", "-o", "size=2m", "none", small], CancellationToken.None)).ExitCode == 0)
        {
            try
            {
                await using var harness = new LocalProcessHarness(folder: Directory.CreateDirectory(Path.Combine(small, "work")).FullName);
                await test(harness, Path.Combine(small, "filler"), Path.Combine(root, "gate"));
            }
            finally
            {
                // lazily: a child that another test forks just now may hold its files for a moment
                (await Tool.RunAsync(["/bin/umount", "-l", small], CancellationToken.None)).ExitCode.ShouldBe(0);
            }
        }

        Directory.Delete(root, recursive: true);
    }
}
