using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Survival;

public class PostgresTests
{
    [Fact]
    public async Task KilledUnderARunningHost_TheRunGoesOnByItself_AndSaysSo()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("away.yaml", """
            dag: away
            tasks:
              first: { script: "echo x >> %G/first; touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done; echo out > $FLOW_OUTPUTS/f" }
              second: { inputs: { f: first/f }, script: "echo x >> %G/second; cat $FLOW_INPUTS/f" }
            """));
        await flow.OpenedAsync("started");
        var killed = flow.Postmaster.ShouldNotBeNull();

        Signals.Send(killed, Signals.Kill);
        // The task ends while there is nobody to tell.
        flow.Open("go");
        await host.SaysAsync("nothing is lost");
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Error.ShouldContain("PostgreSQL is back");
        outcome.Everything.ShouldNotContain("   at ");
        var run = await flow.ShowAsync("@latest");
        foreach (var task in run.Tasks)
        {
            (task.State, task.Causes, task.Committed, task.RetriesUsed, task.InfraRetriesUsed).ShouldBe(("success", "none", 1, 0, 0), task.Name);
            flow.Read(task.Task).ShouldBe("x");
        }
    }

    [Fact]
    public async Task AHostWithAnotherDataFolder_IsFoundByTheDatabase_AndOnlyFollowed()
    {
        await using var replicas = await Replicas.Replicas.StartAsync();
        await using var flow = new Installation();
        await using var other = new Installation();
        flow.Environment["FLOW_POSTGRES"] = other.Environment["FLOW_POSTGRES"] = replicas.Database;
        var host = await flow.StartAsync("run", flow.Dag("shared.yaml", """
            dag: shared
            tasks:
              wait: { script: "touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
            """));
        await flow.OpenedAsync("started");

        var watcher = await other.StartAsync("runs", "watch", "@latest");
        await watcher.SaysAsync("hosts the engine; following run");
        flow.Open("go");

        (await watcher.EndAsync()).ExitCode.ShouldBe(0, watcher.Error);
        watcher.Error.ShouldContain($"process {host.Pid} on ");
        (await host.EndAsync()).ExitCode.ShouldBe(0, host.Error);
        Directory.Exists(other.Data).ShouldBeFalse();
    }

    [Fact]
    public async Task KilledAgainAndAgain_EveryTaskCommitsOnce()
    {
        await using var flow = new Installation();
        var tasks = Enumerable.Range(0, 8).Select(i => $"  t{i}: {{ {(i < 2 ? "" : $"needs: [t{i - 2}], ")}script: \"echo x >> %G/t{i}; sleep 0.2\" }}");
        var host = await flow.StartAsync("run", flow.Dag("storm.yaml", $"dag: storm\ntasks:\n{string.Join('\n', tasks)}\n"));

        foreach (var moment in new[] { "t0: running", "t2: running", "t5: queued" })
        {
            await host.SaysAsync(moment);
            Signals.Send(await flow.PostmasterAsync(), Signals.Kill);
        }

        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        var run = await flow.ShowAsync("@latest");
        foreach (var task in run.Tasks) (task.Committed, task.RetriesUsed, flow.Read(task.Task)).ShouldBe((1, 0, "x"), task.Name);
    }

    [SmallDiskFact]
    public async Task FullDisk_UnderARunningHost_StopsNothingForGood()
    {
        await using var flow = new Installation();
        await MountAsync(flow.Data, "220m");
        var host = await flow.StartAsync("run", flow.Dag("full.yaml", """
            dag: full
            tasks:
              first:
                retries: 0
                script: |
                  touch %G/started
                  while [ ! -e %G/full ]; do sleep 0.05; done
                  yes 'much to say' 2>/dev/null | head -n 200000 || true
                  touch %G/said
                  while [ ! -e %G/go ]; do sleep 0.05; done
                  echo out > $FLOW_OUTPUTS/f
              second: { inputs: { f: first/f }, script: "cat $FLOW_INPUTS/f" }
            """));
        await flow.OpenedAsync("started");

        var filler = Path.Combine(flow.Data, "filler");
        Fill(filler);
        flow.Open("full");
        await flow.OpenedAsync("said");
        File.Delete(filler);
        flow.Open("go");
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Everything.ShouldNotContain("   at ");
        (await flow.ShowAsync("@latest")).States.ShouldBe("first:success second:success");
    }

    [SmallDiskFact]
    public async Task NearlyFullDisk_HoldsWhatIsDue_ThroughARestart_AndNothingFailsForIt()
    {
        await using var flow = new Installation();
        await MountAsync(flow.Data, "260m");
        var file = flow.Dag("full.yaml", """
            dag: full
            tasks:
              first: { script: "touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
              second: { needs: [first], launch_retries: 0, script: "echo x >> %G/second" }
            """);
        var host = await flow.StartAsync("run", file);
        await flow.OpenedAsync("started");
        var filler = Path.Combine(flow.Data, "filler");
        Fill(filler, leave: 28 << 20);
        flow.Open("go");
        await host.SaysAsync("launches wait until there is room");
        await Eventually.TrueAsync(
            async () => (await flow.ShowAsync("@latest"))["second"] is { State: "queued", Reason: "awaiting_capacity" }, "the row says why it waits");
        (await flow.OkAsync("why", "@latest", "second")).Out.ShouldContain("MB left");

        await host.KillAsync();
        var next = await flow.StartAsync("runs", "watch", "@latest");
        await next.SaysAsync("launches wait until there is room");
        File.Delete(filler);
        var outcome = await next.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Error.ShouldContain("There is room on the disk again");
        var run = await flow.ShowAsync("@latest");
        run.Tasks.ShouldAllBe(task => task.State == "success" && task.Attempts.Length == 1);
        flow.Read("second").ShouldBe("x");
    }

    [SmallDiskFact]
    public async Task NearlyFullDisk_CancelOfWhatIsHeld_SkipsIt()
    {
        await using var flow = new Installation();
        await MountAsync(flow.Data, "260m");
        var host = await flow.StartAsync("run", flow.Dag("full.yaml", """
            dag: full
            tasks:
              first: { script: "touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
              second: { needs: [first], script: "touch %G/second" }
            """));
        await flow.OpenedAsync("started");
        Fill(Path.Combine(flow.Data, "filler"), leave: 28 << 20);
        flow.Open("go");
        await host.SaysAsync("launches wait until there is room");

        host.Send(Signals.Interrupt);
        (await host.EndAsync()).ExitCode.ShouldBe(1);

        var run = await flow.ShowAsync("@latest");
        (run.State, run.States).ShouldBe(("cancelled", "first:success second:skipped"));
        (run["second"].Causes, run["second"].Attempts[0].StartedAt).ShouldBe(("cancelled", null));
        File.Exists(Path.Combine(flow.Gates, "second")).ShouldBeFalse();
    }

    [SmallDiskFact]
    public async Task FullDisk_WhilePostgresIsDown_IsNamed_AndTheRunGoesOnOnceThereIsRoom()
    {
        await using var flow = new Installation();
        await MountAsync(flow.Data, "220m");
        var host = await flow.StartAsync("run", flow.Dag("full.yaml", """
            dag: full
            tasks:
              first: { script: "touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
              second: { needs: [first], script: "true" }
            """));
        await flow.OpenedAsync("started");
        var filler = Path.Combine(flow.Data, "filler");
        Fill(filler);

        Signals.Send(flow.Postmaster.ShouldNotBeNull(), Signals.Kill);
        flow.Open("go");
        await host.SaysAsync("full");
        File.Delete(filler);
        var outcome = await host.EndAsync();

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        var run = await flow.ShowAsync("@latest");
        run.Tasks.ShouldAllBe(task => task.Committed == 1 && task.Attempts.Length == 1);
    }

    [SmallDiskFact]
    public async Task DiskTooSmallToStart_IsUnavailable_AndSaysSo()
    {
        await using var flow = new Installation();
        await MountAsync(flow.Data, "12m");

        var outcome = await flow.FlowAsync("run", flow.Dag("one.yaml", "dag: one\ntasks: { a: { noop: {} } }\n"));

        outcome.ExitCode.ShouldBe(3, outcome.Everything);
        outcome.Error.ShouldContain(flow.Data);
        outcome.Error.ShouldContain("full");
        outcome.Everything.ShouldNotContain("   at ");
    }

    private static void Fill(string path, long leave = 0)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        var disk = new DriveInfo(Path.GetDirectoryName(path)!);
        try
        {
            while (leave == 0 || disk.AvailableFreeSpace > leave) file.Write(block);
        }
        catch (IOException)
        {
            // Full, as intended.
        }
    }

    private static async Task MountAsync(string folder, string size)
    {
        Directory.CreateDirectory(folder);
        string[] mount = ["-t", "tmpfs", "-o", $"size={size},mode=711", "none", folder];
        var outcome = await FlowProcess.Start(FlowProgram.Captured("/bin/mount", mount)).EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
    }
}
