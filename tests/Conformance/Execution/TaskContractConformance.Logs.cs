using System.Text;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>Logs.</summary>
public abstract partial class TaskContractConformance
{
    [Fact]
    public async Task Log_TellsWhoSpoke_WithStamps()
    {
        var plan = BackendHarness.Shell("echo hello; echo trouble >&2; printf 'no end of line'; exit 3");
        await Harness.RunAsync(plan);
        var lines = Harness.LogOf(plan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldAllBe(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (out|err|flow)\+? "));
        Harness.Printed(plan).ShouldBe(["hello", "no end of line"]);
        Harness.Printed(plan, "err").ShouldBe(["trouble"]);
        Harness.Printed(plan, "flow").ShouldBe(["ended with exit code 3"]);
    }

    [Fact]
    public async Task Log_ShowsALine_BeforeItsEnd()
    {
        var plan = BackendHarness.Shell("printf 'progress 10%%'; while [ ! -e $FLOW_STOP ]; do sleep 0.05; done; echo ' 20%'");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        await Harness.SeeLogAsync(plan, "out progress 10%");
        await Backend.StopAsync(plan.Key, plan.Uid, Domain.Tasks.StopReason.Cancel, TimeSpan.FromMinutes(1), CancellationToken.None);
        await Harness.SeeAsync<Scheduling.Execution.AttemptExited>(plan);
    }

    [Fact]
    public async Task HugeLog_IsBounded_AndKeepsItsBeginningAndItsEnd()
    {
        await using var harness = Create(new TaskLogOptions { HeadBytes = 256 * 1024, TailBytes = 64 * 1024 });
        var plan = BackendHarness.Shell("echo the first line; yes 'one of very many lines' | head -c 120000000; echo; echo the last line");
        await harness.SucceedAsync(plan);
        Encoding.UTF8.GetByteCount(harness.LogOf(plan)).ShouldBeInRange(256 * 1024, (256 + 64 + 4) * 1024);
        harness.Printed(plan)[0].ShouldBe("the first line");
        harness.Printed(plan)[^1].ShouldBe("the last line");
        harness.Printed(plan, "flow").ShouldContain(line => line.StartsWith("the log has reached 262,144 bytes", StringComparison.Ordinal));
        harness.Printed(plan, "flow").ShouldContain(line => line.EndsWith("bytes of log are left out here; the last lines follow", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HugeLine_ComesInPieces_AndLosesNothing()
    {
        const int length = 1_000_000;
        var plan = BackendHarness.Shell($"head -c {length} /dev/zero | tr '\\0' x; echo; echo after");
        await Harness.SucceedAsync(plan);
        var lines = Harness.LogOf(plan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldAllBe(line => line.Length < 20_000);
        lines.Sum(line => line.Count(c => c == 'x')).ShouldBe(length);
        lines.Count(line => line.Contains(" out ", StringComparison.Ordinal)).ShouldBe(2);
        Harness.Printed(plan)[^1].ShouldBe("after");
    }

    [Fact]
    public async Task BinaryOutput_BecomesValidUtf8_LineByLine()
    {
        var plan = BackendHarness.Shell("head -c 300000 /dev/urandom; echo; printf 'ä\\377b\\000c\\033[1mbold\\n'");
        await Harness.SucceedAsync(plan);
        var bytes = await File.ReadAllBytesAsync(Harness.Logs.Locate(BackendHarness.Dag, plan.Key));
        System.Text.Unicode.Utf8.IsValid(bytes).ShouldBeTrue();
        bytes.ShouldNotContain((byte)0);
        Harness.LogOf(plan).ShouldContain(" out ä\uFFFDb\uFFFDc\u001b[1mbold\n");
    }
}
