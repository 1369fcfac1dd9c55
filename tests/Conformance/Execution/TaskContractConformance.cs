using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>What a task sees, and what becomes of what it leaves: the same on every backend.</summary>
public abstract partial class TaskContractConformance : IAsyncLifetime
{
    protected BackendHarness Harness { get; private set; } = null!;

    private IExecutionBackend Backend => Harness.Backend;

    /// <summary>Makes a backend; null: its own rules for logs.</summary>
    protected abstract BackendHarness Create(TaskLogOptions? log = null);

    public Task InitializeAsync()
    {
        Harness = Create();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Harness.DisposeAsync();

    [Fact]
    public async Task Environment_IsTheContract_AndTheDags_AndLittleElse()
    {
        var plan = BackendHarness.Command(["env"]) with { Environment = new Dictionary<string, string> { ["MODEL"] = "forest", ["a.b"] = "dots pass too" } };
        await Harness.SucceedAsync(plan);
        var seen = Variables(plan);

        seen["FLOW_DAG_ID"].ShouldBe("credit");
        seen["FLOW_RUN_ID"].ShouldBe("manual-1");
        seen["FLOW_TASK_ID"].ShouldBe("train");
        seen["FLOW_EPOCH"].ShouldBe("1");
        seen["FLOW_ATTEMPT_UID"].ShouldBe(plan.Uid.ToString("D"));
        seen["FLOW_LOGICAL_DATE"].ShouldBe("2024-01-01T00:00:00Z");
        seen["FLOW_DATA_INTERVAL_START"].ShouldBe("2023-12-31T00:00:00Z");
        seen["FLOW_DATA_INTERVAL_END"].ShouldBe("2024-01-01T00:00:00Z");
        seen["FLOW_PARAMS"].ShouldBe("""{"bucket":"ml"}""");
        seen["FLOW_IDEMPOTENCY_KEY"].ShouldBe("credit/manual-1/train");
        seen["MODEL"].ShouldBe("forest");
        seen["a.b"].ShouldBe("dots pass too");
        string[] places = ["FLOW_INPUTS", "FLOW_OUTPUTS", "FLOW_XCOM", "FLOW_CHECKPOINT", "FLOW_STOP"];
        foreach (var place in places) Path.IsPathFullyQualified(seen[place]).ShouldBeTrue(place);
        seen.Keys.Where(name => name.StartsWith("FLOW_", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ShouldBe(
            [
                "FLOW_ATTEMPT_UID", "FLOW_CHECKPOINT", "FLOW_DAG_ID", "FLOW_DATA_INTERVAL_END", "FLOW_DATA_INTERVAL_START", "FLOW_EPOCH",
                "FLOW_IDEMPOTENCY_KEY", "FLOW_INPUTS", "FLOW_LOGICAL_DATE", "FLOW_OUTPUTS", "FLOW_PARAMS", "FLOW_RUN_ID", "FLOW_STOP",
                "FLOW_TASK_ID", "FLOW_XCOM",
            ]);
    }

    [Fact]
    public async Task SecretsOfTheHost_ReachNoTask()
    {
        var plan = BackendHarness.Shell("env; cat /proc/self/environ");
        await Harness.SucceedAsync(plan);
        Harness.LogOf(plan).ShouldContain("FLOW_RUN_ID");
        Harness.LogOf(plan).ShouldNotContain(BackendHarness.HostSecret);
    }

    [Fact]
    public async Task Connection_IsSeen_OnlyByTasksThatDeclareIt()
    {
        Harness.Connections["credit-db"] = "postgres://credit";
        Harness.Connections["other"] = "postgres://other";
        var with = BackendHarness.Command(["env"]) with { Connections = ["credit-db"] };
        var without = BackendHarness.Command(["env"], task: "evaluate");
        await Harness.SucceedAsync(with);
        await Harness.SucceedAsync(without);

        Variables(with)["FLOW_CONN_CREDIT_DB"].ShouldBe("postgres://credit");
        Variables(with).Keys.ShouldNotContain("FLOW_CONN_OTHER");
        Variables(without).Keys.ShouldNotContain(name => name.StartsWith("FLOW_CONN_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MappedTask_SeesItsItem_AndItsOwnKey()
    {
        var plan = BackendHarness.Command(["env"], epoch: 3);
        plan = plan with
        {
            Key = new AttemptKey(new TaskKey(plan.Key.Task.Run, plan.Key.Task.Task, 7), 3), MapItem = """{"file":"a b.csv"}""",
        };
        await Harness.SucceedAsync(plan);
        var seen = Variables(plan);
        seen["FLOW_MAP_INDEX"].ShouldBe("7");
        seen["FLOW_MAP_ITEM"].ShouldBe("""{"file":"a b.csv"}""");
        seen["FLOW_EPOCH"].ShouldBe("3");
        seen["FLOW_IDEMPOTENCY_KEY"].ShouldBe("credit/manual-1/train/7");
    }

    [Fact]
    public async Task VariablesOfTheDag_CannotTakeTheContractsPlace()
    {
        var plan = BackendHarness.Command(["env"]) with { Environment = new Dictionary<string, string> { ["FLOW_OUTPUTS"] = "/tmp", ["PATH"] = "/bin" } };
        await Harness.SucceedAsync(plan);
        Variables(plan)["FLOW_OUTPUTS"].ShouldNotBe("/tmp");
        Variables(plan)["PATH"].ShouldBe("/bin");
    }

    [Fact]
    public async Task WorkingDirectory_IsTheGivenOne_OrAFolderOfTheAttempts()
    {
        var given = BackendHarness.Shell("pwd") with { WorkingDirectory = "/usr" };
        var own = BackendHarness.Shell("touch it; cd $FLOW_OUTPUTS/.. && ls", task: "own");
        await Harness.SucceedAsync(given);
        await Harness.SucceedAsync(own);
        Harness.Printed(given).ShouldBe(["/usr"]);
        Harness.Printed(own).ShouldContain("it");
    }

    [Fact]
    public async Task Script_IsAFile_ThatItsShellIsGiven()
    {
        var plan = BackendHarness.Command(["sh", "-eu"]) with { Script = "echo \"it's $FLOW_TASK_ID\"\nfalse\necho not here\n" };
        (await Harness.RunAsync(plan)).ExitCode.ShouldBe(1);
        Harness.Printed(plan).ShouldBe(["it's train"]);
    }

    [Fact]
    public async Task Words_ReachTheCommand_AsTheyAre()
    {
        var plan = BackendHarness.Command(["printf", "%s\n", "a b", "", "$HOME", "*", "ü\tx", "--"]);
        await Harness.SucceedAsync(plan);
        Harness.Printed(plan).ShouldBe(["a b", "", "$HOME", "*", "ü\tx", "--"]);
    }

    [Fact]
    public async Task StandardInput_IsEmpty()
    {
        var plan = BackendHarness.Shell("cat; echo over");
        await Harness.SucceedAsync(plan);
        Harness.Printed(plan).ShouldBe(["over"]);
    }

    private Dictionary<string, string> Variables(AttemptPlan plan) =>
        Harness.Printed(plan).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
}

/// <summary>On local processes.</summary>
public sealed class LocalProcessContractConformance : TaskContractConformance
{
    protected override BackendHarness Create(TaskLogOptions? log = null) => new LocalProcessHarness(log);
}
