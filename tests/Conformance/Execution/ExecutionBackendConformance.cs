using System.Diagnostics;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>What every execution backend does, however it does it.</summary>
public abstract class ExecutionBackendConformance : IAsyncLifetime
{
    private static readonly TimeSpan LongGrace = TimeSpan.FromMinutes(5);

    protected BackendHarness Harness { get; private set; } = null!;

    private IExecutionBackend Backend => Harness.Backend;

    protected abstract BackendHarness Create();

    public Task InitializeAsync()
    {
        Harness = Create();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Harness.DisposeAsync();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 1", 1)]
    [InlineData("exit 75", 75)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -SEGV $$", 139)]
    public async Task End_IsReported_AsExitCodeOrSignal(string line, int expected)
    {
        var exit = await Harness.RunAsync(BackendHarness.Shell(line));
        exit.ExitCode.ShouldBe(expected);
        (exit.Outputs is not null).ShouldBe(expected == 0);
        exit.OutputProblem.ShouldBeNull();
    }

    [Fact]
    public async Task Start_IsObserved_BeforeTheEnd()
    {
        var plan = BackendHarness.Shell("exit 0");
        await Harness.RunAsync(plan);
        var started = await Harness.SeeAsync<AttemptStarted>(plan);
        started.Attempt.ShouldBe(plan.Key);
        started.Evidence.ShouldNotBeNull().ShouldContain("\"pid\"");
    }

    [Fact]
    public async Task Launch_Repeated_StartsNothingMore()
    {
        var counter = Path.GetTempFileName();
        var plan = BackendHarness.Shell($"echo x >> {counter}");
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Backend.LaunchAsync(plan, CancellationToken.None)));
        await Harness.SeeAsync<AttemptExited>(plan);
        await Backend.LaunchAsync(plan, CancellationToken.None);
        (await File.ReadAllTextAsync(counter)).ShouldBe("x\n");
        File.Delete(counter);
    }

    [Fact]
    public async Task List_Holds_RunningAndEndedAttempts_UntilReleased()
    {
        var running = BackendHarness.Shell("sleep 100", task: "running");
        var ended = BackendHarness.Shell("exit 3", task: "ended");
        await Backend.LaunchAsync(running, CancellationToken.None);
        await Harness.RunAsync(ended);

        var list = await Backend.ListAsync(CancellationToken.None);
        list.Single(status => status.Uid == running.Uid).ShouldBeOfType<AttemptStarted>();
        list.Single(status => status.Uid == ended.Uid).ShouldBeOfType<AttemptExited>().Exit.ExitCode.ShouldBe(3);

        await Backend.ReleaseAsync(ended.Key, ended.Uid, CancellationToken.None);
        await Backend.ReleaseAsync(ended.Key, ended.Uid, CancellationToken.None);
        (await Backend.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().Uid.ShouldBe(running.Uid);
    }

    [Fact]
    public async Task Stop_LetsACommandEndItself()
    {
        var plan = BackendHarness.Shell("trap 'cat $FLOW_STOP; exit 75' TERM; echo ready; while :; do sleep 0.05; done");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        await Harness.SeeLogAsync(plan, "out ready");
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Timeout, LongGrace, CancellationToken.None);
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Timeout, LongGrace, CancellationToken.None);

        var exited = await Harness.SeeAsync<AttemptExited>(plan);
        exited.Exit.ExitCode.ShouldBe(75);
        exited.Exit.Evidence.ShouldNotBeNull().ShouldContain("\"stop\":\"timeout\"");
        exited.Exit.Outputs.ShouldBeNull();
        Harness.Printed(plan).Last().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$");
    }

    [Fact]
    public async Task Command_ThatIgnoresTerm_IsKilled_WithItsChildren()
    {
        var plan = BackendHarness.Shell("trap '' TERM; sleep 1000 & echo child $!; setsid sleep 1000 & echo ready; while :; do sleep 0.05; done");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        await Harness.SeeLogAsync(plan, "out ready");
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, TimeSpan.FromMilliseconds(200), CancellationToken.None);

        var exited = await Harness.SeeAsync<AttemptExited>(plan);
        exited.Exit.ExitCode.ShouldBe(137);
        exited.Exit.OutOfMemory.ShouldBeFalse();
        RunningProcesses.Of(plan.Uid).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_WithAnEarlierDeadline_Counts_AndALaterOneDoesNot()
    {
        var plan = BackendHarness.Shell("trap 'echo told' TERM; echo ready; while [ ! -e $FLOW_STOP ]; do sleep 0.05; done; cat $FLOW_STOP; while :; do sleep 0.05; done");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        await Harness.SeeLogAsync(plan, "out ready");
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, LongGrace, CancellationToken.None);
        await Harness.SeeLogAsync(plan, "out told");
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Timeout, 2 * LongGrace, CancellationToken.None);
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Timeout, TimeSpan.FromMilliseconds(100), CancellationToken.None);

        var exit = (await Harness.SeeAsync<AttemptExited>(plan)).Exit;
        exit.ExitCode.ShouldBe(137);
        exit.Evidence.ShouldNotBeNull().ShouldContain("\"stop\":\"cancel\"");
        Harness.Printed(plan, "flow").Count(line => line.StartsWith("told to stop", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Memory_IsReported_OfTheCommand_AndNotOfTheHost()
    {
        (await Harness.RunAsync(BackendHarness.Shell("exit 0"))).Evidence.ShouldNotBeNull().ShouldNotContain("maxResidentBytes");
        var most = Environment.WorkingSet > (512L << 20) ? 2048 : 1024;
        var big = BackendHarness.Command(["dd", "if=/dev/zero", "of=/dev/null", $"bs={most}M", "count=1"], task: "big");
        var evidence = (await Harness.RunAsync(big)).Evidence.ShouldNotBeNull();
        using var json = System.Text.Json.JsonDocument.Parse(evidence);
        json.RootElement.GetProperty("maxResidentBytes").GetInt64().ShouldBeGreaterThan((long)most << 20);
    }

    [Fact]
    public async Task Stop_OfUnknownOrEndedAttempts_ChangesNothing()
    {
        var plan = BackendHarness.Shell("exit 0");
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, LongGrace, CancellationToken.None);
        await Harness.RunAsync(plan);
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, LongGrace, CancellationToken.None);
        (await Backend.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldBeOfType<AttemptExited>().Exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Command_ThatForksAndExits_Ends_AndLeavesNothingBehind()
    {
        var plan = BackendHarness.Shell("sleep 1000 & (setsid sleep 1000 &) ; nohup sleep 1000 & echo over; exit 4");
        var exit = await Harness.RunAsync(plan);
        exit.ExitCode.ShouldBe(4);
        exit.Evidence.ShouldNotBeNull().ShouldContain("leftovers");
        RunningProcesses.Of(plan.Uid).ShouldBeEmpty();
        Harness.Printed(plan).ShouldContain("over");
    }

    [Fact]
    public async Task ManyCommands_AtOnce_AllEnd()
    {
        var plans = Enumerable.Range(0, 200).Select(i => BackendHarness.Shell($"echo {i}; sleep 0.2; exit {i % 7}", task: $"t{i}")).ToList();
        await Task.WhenAll(plans.Select(plan => Backend.LaunchAsync(plan, CancellationToken.None)));
        for (var i = 0; i < plans.Count; i++)
        {
            (await Harness.SeeAsync<AttemptExited>(plans[i])).Exit.ExitCode.ShouldBe(i % 7);
            Harness.Printed(plans[i]).ShouldBe([$"{i}"]);
        }

        using var self = Process.GetCurrentProcess();
        self.Threads.Count.ShouldBeLessThan(150);
    }

    [Fact]
    public async Task HeldLaunch_IsPending_SaysWhy_AndStartsByItself_Once()
    {
        var plan = BackendHarness.Shell("echo ran");
        Harness.HoldLaunches("no room for it");
        var launches = new[] { Backend.LaunchAsync(plan, CancellationToken.None), Backend.LaunchAsync(plan, CancellationToken.None) };
        (await Harness.SeeAsync<AttemptPending>(plan)).Detail.ShouldBe("no room for it");
        (await Backend.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldBeOfType<AttemptPending>().Detail.ShouldBe("no room for it");

        Harness.HoldLaunches(null);
        (await Harness.SeeAsync<AttemptExited>(plan)).Exit.ExitCode.ShouldBe(0);
        await Task.WhenAll(launches);
        Harness.Printed(plan).ShouldBe(["ran"]);
    }

    [Fact]
    public async Task HeldLaunch_ThatIsStopped_IsLost_AndNeverStarts()
    {
        var plan = BackendHarness.Shell("echo ran");
        Harness.HoldLaunches("no room for it");
        var launch = Backend.LaunchAsync(plan, CancellationToken.None);
        await Harness.SeeAsync<AttemptPending>(plan);
        await Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, LongGrace, CancellationToken.None);

        var lost = await Harness.SeeAsync<AttemptLost>(plan);
        await launch;
        (lost.Cause, lost.Detail).ShouldBe((AttemptCause.Stopped, "told to stop before its command had started"));
        (await Backend.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldBe(lost);

        Harness.HoldLaunches(null);
        await Backend.ReleaseAsync(plan.Key, plan.Uid, CancellationToken.None);
        (await Backend.ListAsync(CancellationToken.None)).ShouldBeEmpty();
        Harness.Printed(plan).ShouldBeEmpty();
    }

    [Fact]
    public async Task HeldLaunch_ThatTurnsOutToBeImpossible_IsALaunchFailure()
    {
        var plan = BackendHarness.Command(["no-such-program"]);
        Harness.HoldLaunches("no room for it");
        var failing = FailureOf(plan);
        await Harness.SeeAsync<AttemptPending>(plan);
        Harness.HoldLaunches(null);
        (await failing).ShouldContain("no-such-program");
        (await Backend.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task MissingCommand_IsALaunchFailure_ThatNamesItAndPath()
    {
        var failure = await FailureOf(BackendHarness.Command(["no-such-program"]));
        failure.ShouldContain("no-such-program");
        failure.ShouldContain("PATH");
        (await Backend.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task MissingShellOfAScript_IsALaunchFailure_ThatNamesIt() =>
        (await FailureOf(BackendHarness.Command(["no-such-shell", "-eu"]) with { Script = "true" })).ShouldContain("no-such-shell");

    [Fact]
    public async Task FileThatIsNotExecutable_IsALaunchFailure_ThatSaysWhatToDo() =>
        (await FailureOf(BackendHarness.Command(["/etc/passwd"]))).ShouldContain("chmod +x /etc/passwd");

    [Fact]
    public async Task MissingWorkingDirectory_IsALaunchFailure_ThatNamesIt() =>
        (await FailureOf(BackendHarness.Shell("true") with { WorkingDirectory = "/no/such/folder" })).ShouldContain("/no/such/folder");

    [Fact]
    public async Task UndefinedConnection_IsALaunchFailure_ThatSaysHowToDefineIt()
    {
        var failure = await FailureOf(BackendHarness.Shell("true") with { Connections = ["credit-db"] });
        failure.ShouldContain("train");
        failure.ShouldContain("credit-db");
        failure.ShouldContain("FLOW_CONN_CREDIT_DB");
    }

    [Fact]
    public async Task ValueBeyondWhatTheSystemTakes_IsALaunchFailure_ThatNamesIt()
    {
        var plan = BackendHarness.Shell("true") with { Environment = new Dictionary<string, string> { ["BIG"] = new('x', 300_000) } };
        (await FailureOf(plan)).ShouldContain("BIG");
    }

    [Fact]
    public async Task Noop_EndsAtOnce_AndWell()
    {
        var exit = await Harness.RunAsync(BackendHarness.Command([]));
        exit.ExitCode.ShouldBe(0);
        exit.Outputs.ShouldNotBeNull().Files.ShouldBeEmpty();
    }

    // what nobody but the user can mend is not to be tried again
    private async Task<string> FailureOf(AttemptPlan plan)
    {
        var failure = await Should.ThrowAsync<LaunchException>(() => Backend.LaunchAsync(plan, CancellationToken.None));
        failure.Permanent.ShouldBeTrue(failure.Message);
        return failure.Message;
    }
}

/// <summary>On local processes.</summary>
public sealed class LocalProcessConformance : ExecutionBackendConformance
{
    protected override BackendHarness Create() => new LocalProcessHarness();
}
