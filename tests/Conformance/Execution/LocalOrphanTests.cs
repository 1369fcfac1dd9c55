using System.Diagnostics;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>What a host does at its start with the processes of one that died.</summary>
public sealed class LocalOrphanTests : IAsyncLifetime
{
    private const string WritePid =
        "read -r s </proc/$$/stat; read -r b </proc/sys/kernel/random/boot_id; printf '%s\\n%s\\n\\n' \"$s\" \"$b\" >pid; ";

    private readonly List<Process> _started = [];
    private LocalProcessHarness _harness = null!;

    public Task InitializeAsync()
    {
        _harness = Create();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task Orphan_IsEnded_WithAllThatBelongsToIt_AndIsLostWithItsHost()
    {
        var orphan = Orphan(started: true);
        var process = await StartAsync(orphan, WritePid + "sleep 1000 & env -i sleep 1000 & setsid sleep 1000 & trap '' TERM; echo ready; while :; do sleep 0.05; done");
        var session = SessionOf(process.Id);
        session.Count.ShouldBeGreaterThanOrEqualTo(3);

        var lost = (await Adopt(orphan)).ShouldHaveSingleItem().ShouldBeOfType<AttemptLost>();
        lost.Cause.ShouldBe(AttemptCause.HostLost);
        lost.Uid.ShouldBe(orphan.Attempt.Uid);
        lost.Detail.ShouldContain("were ended");
        lost.Evidence.ShouldNotBeNull().ShouldContain($"\"pid\":{process.Id}");
        lost.Evidence.ShouldContain("\"killed\":true");
        RunningProcesses.Of(orphan.Attempt.Uid).ShouldBeEmpty();
        session.Where(RunningProcesses.Runs).ShouldBeEmpty();
        await _harness.Backend.ReleaseAsync(orphan.Attempt.Key, lost.Uid, CancellationToken.None);
        Directory.GetDirectories(_harness.Attempts).ShouldBeEmpty();
    }

    [Fact]
    public async Task Orphan_IsLostAgain_WhenTheHostThatEndedItDiedBeforeThatWasDurable()
    {
        var (orphan, forgotten) = (Orphan(started: false), Orphan(started: false, task: "forgotten"));
        var process = await StartAsync(orphan, WritePid + "echo ready");
        await process.WaitForExitAsync();
        Folder(forgotten).Create();
        await Adopt(orphan);

        (await Adopt(orphan)).ShouldHaveSingleItem().ShouldBeOfType<AttemptLost>().Uid.ShouldBe(orphan.Attempt.Uid);
        Directory.Exists(Folder(forgotten).Root).ShouldBeFalse();
        (await Adopt()).ShouldBeEmpty();
        Directory.GetDirectories(_harness.Attempts).ShouldBeEmpty("nobody knows it any more");
    }

    [Fact]
    public async Task Orphan_WhoseLeaderAndFolderAreGone_IsFoundByItsEnvironment()
    {
        var orphan = Orphan(started: false);
        await StartAsync(orphan, "setsid sh -c 'sleep 1000' & echo ready");
        Directory.Delete(Folder(orphan).Root, recursive: true);
        RunningProcesses.Of(orphan.Attempt.Uid).ShouldNotBeEmpty();

        (await Adopt(orphan)).ShouldHaveSingleItem().ShouldBeOfType<AttemptLost>().Detail.ShouldContain("were ended");
        RunningProcesses.Of(orphan.Attempt.Uid).ShouldBeEmpty();
    }

    [Fact]
    public async Task Orphan_WithoutAFile_IsFoundByWhatItsRowSays()
    {
        var orphan = Orphan(started: true);
        var process = await StartAsync(orphan, WritePid + "echo ready; exec env -i sleep 1000");
        await UntilItIsSleepAsync(process.Id);
        var (stat, boot) = PidFileOf(orphan);
        var start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        Directory.Delete(Folder(orphan).Root, recursive: true);
        var row = orphan with { Attempt = orphan.Attempt with { Evidence = $$"""{"pid":{{process.Id}},"startTime":{{start}},"bootId":"{{boot}}"}""" } };

        await Adopt(row);
        RunningProcesses.Runs(process.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task Orphan_ThatEndedMeanwhile_IsLostToo()
    {
        var orphan = Orphan(started: false);
        var process = await StartAsync(orphan, WritePid + "echo ready");
        await process.WaitForExitAsync();
        (await Adopt(orphan)).ShouldHaveSingleItem().ShouldBeOfType<AttemptLost>().Detail.ShouldContain($"its process {process.Id} (by the pid file) had ended");
    }

    [Fact]
    public async Task AttemptThatNeverStarted_IsLeftOut_AndCanBeLaunched()
    {
        var noFolder = Orphan(started: false, task: "no-folder");
        var prepared = Orphan(started: false, task: "prepared");
        Folder(prepared).Create();
        var started = Orphan(started: true, task: "started");
        (await Adopt(noFolder, prepared, started)).ShouldHaveSingleItem().Uid.ShouldBe(started.Attempt.Uid);
        Directory.Exists(Folder(prepared).Root).ShouldBeFalse();

        await _harness.SucceedAsync(BackendHarness.Shell("true", task: "prepared") with { Uid = prepared.Attempt.Uid });
    }

    [Fact]
    public async Task PidFile_IsWhole_WhenTheCommandStarts_OverTheRoomThatWasReservedForIt()
    {
        var plan = BackendHarness.Shell("cat pid; echo $$; exec wc -c <pid");
        await _harness.SucceedAsync(plan);
        var printed = _harness.Printed(plan);
        printed[0].ShouldStartWith($"{printed[^2]} (");
        Guid.TryParse(printed[1], out _).ShouldBeTrue();
        printed[2..^2].ShouldAllBe(line => line.Length == 0);
        printed[^1].ShouldBe("2048");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StrangerWithAnOrphansPid_IsLeftAlone(bool otherBoot)
    {
        var orphan = Orphan(started: true);
        var stranger = await StartAsync(null, WritePid + "echo ready; exec sleep 1000");
        var (stat, boot) = PidFileOf(null);
        if (otherBoot) boot = Guid.NewGuid().ToString("D");
        else stat = Replace(stat, field: 19, "12345");
        Folder(orphan).Create();
        await File.WriteAllTextAsync(Folder(orphan).Pid, $"{stat}\n{boot}\n\n");

        (await Adopt(orphan)).ShouldHaveSingleItem();
        RunningProcesses.Runs(stranger.Id).ShouldBeTrue();
    }

    [Fact]
    public async Task ProcessOfAnUnknownAttempt_IsEnded_IfItWorksInThisFolder()
    {
        var unknown = Orphan(started: true, task: "unknown");
        var elsewhere = Orphan(started: true, task: "elsewhere");
        var here = await StartAsync(unknown, "echo ready; exec sleep 1000");
        var there = await StartAsync(elsewhere, "echo ready; exec sleep 1000", outputs: "/tmp/of-another-host/outputs");

        (await Adopt()).ShouldBeEmpty();
        RunningProcesses.Runs(here.Id).ShouldBeFalse();
        RunningProcesses.Runs(there.Id).ShouldBeTrue();
    }

    private static LocalProcessHarness Create() => new();

    private Task<IReadOnlyList<AttemptStatus>> Adopt(params LiveAttempt[] orphans) => _harness.Local.AdoptAsync(orphans, CancellationToken.None);

    private static LiveAttempt Orphan(bool started, string task = "train") => new(BackendHarness.Dag, new Attempt
    {
        Key = BackendHarness.Shell("true", task: task).Key,
        Uid = Guid.NewGuid(),
        CreatedAt = DateTimeOffset.UnixEpoch,
        State = started ? AttemptState.Running : AttemptState.Dispatching,
        StartedAt = started ? DateTimeOffset.UnixEpoch : null,
    });

    private AttemptFolder Folder(LiveAttempt orphan) => AttemptFolder.Of(_harness.Attempts, orphan.Dag, orphan.Attempt.Key, orphan.Attempt.Uid);

    // a leader of a session with the environment of an attempt, as a host would have left it; null: a process of somebody else
    private async Task<Process> StartAsync(LiveAttempt? orphan, string script, string? outputs = null)
    {
        var folder = orphan is null ? Directory.CreateDirectory(Path.Combine(_harness.Folder, "stranger")).FullName : Folder(orphan).Root;
        Directory.CreateDirectory(folder);
        var info = new ProcessStartInfo("setsid", ["sh", "-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        if (orphan is not null)
        {
            // more than is read at once, before it and behind
            info.Environment["A_LARGE_ONE"] = info.Environment["Z_LARGE_ONE"] = new string('x', 40 * 1024);
            info.Environment["FLOW_ATTEMPT_UID"] = orphan.Attempt.Uid.ToString("D");
            info.Environment["FLOW_OUTPUTS"] = outputs ?? Folder(orphan).Outputs;
        }

        var process = Process.Start(info).ShouldNotBeNull();
        _started.Add(process);
        (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe("ready");
        return process;
    }

    private (string Stat, string Boot) PidFileOf(LiveAttempt? orphan)
    {
        var folder = orphan is null ? Path.Combine(_harness.Folder, "stranger") : Folder(orphan).Root;
        var lines = File.ReadAllLines(Path.Combine(folder, "pid"));
        return (lines[0], lines[1]);
    }

    private static string Replace(string stat, int field, string value)
    {
        var end = stat.LastIndexOf(')') + 2;
        var fields = stat[end..].Split(' ');
        fields[field] = value;
        return stat[..end] + string.Join(' ', fields);
    }

    private static List<int> SessionOf(int leader) =>
    [
        .. Process.GetProcesses().Select(process => process.Id).Where(pid =>
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3] == $"{leader}";
            }
            catch (IOException)
            {
                return false;
            }
        }),
    ];

    private static async Task UntilItIsSleepAsync(int pid)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await File.ReadAllTextAsync($"/proc/{pid}/comm", late.Token)).Trim() != "sleep")
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
    }
}
