using System.Text.Json.Nodes;
using OrleansFlow.Cli;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary><c>flow run FILE</c> and what else waits for a run.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cli-run-").FullName;
    private readonly FakeEngines _world = Sample.World();
    private readonly CommandLine _call;

    public RunCommandTests() => _call = new CommandLine(_world);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ARunThatSucceeds_IsTold_AndExitsZero()
    {
        _world.OnTrigger = run => Begin(run, RunState.Success);

        var code = await _call.InvokeAsync("run", File("dag: one\ntasks:\n  hello: { command: [echo, hello] }\n"));

        code.ShouldBe(ExitCode.Success);
        _world.Triggered!.Run.Value.ShouldBe("manual-20240101T090000Z-zzzzz");
        _world.Triggered.Version!.SourceFile.ShouldBe(Path.Combine(_folder, "dag.yaml"));
        _world.Triggered.By.ShouldBe(new Origin("ann", RequestId: "request-1"));
        _call.Error.ToString().ShouldContain("hello: running (attempt 1)\n");
        _call.Out.ToString().ShouldContain("run manual-20240101T090000Z-zzzzz of one: success in 2.0s\n");
        _call.Out.ToString().ShouldContain("/data/logs/one/manual-20240101T090000Z-zzzzz/hello/attempt=1.log");
    }

    [Fact]
    public async Task Json_IsTheDocumentOfRunsShow_AndNothingElse()
    {
        _world.OnTrigger = run => Begin(run, RunState.Success);
        await _call.InvokeAsync("run", File("dag: one\ntasks:\n  hello: { command: [echo, hello] }\n"), "-o", "json");
        var shown = new CommandLine(_world);

        await shown.InvokeAsync("runs", "show", "@latest", "-o", "json");

        _call.Out.ToString().ShouldBe(shown.Out.ToString());
        JsonNode.Parse(_call.Out.ToString())!["state"]!.GetValue<string>().ShouldBe("success");
    }

    [Fact]
    public async Task ARunThatFails_ShowsWhy_WithTheEndOfItsLog_AndExitsOne()
    {
        _world.OnTrigger = run =>
        {
            Begin(run, RunState.Failed);
            _world.LogTexts[new AttemptKey(Sample.Key(run, "hello"), 1)] =
                string.Concat(Enumerable.Range(1, 30).Select(i => $"2024-01-01T09:00:00.000Z out line {i}\n"));
        };

        var code = await _call.InvokeAsync("run", File("dag: one\ntasks:\n  hello: { command: [echo, hello] }\n"));

        code.ShouldBe(ExitCode.RunFailed);
        _call.Out.ToString().ShouldContain("hello: its command failed\n");
        _call.Out.ToString().ShouldContain("charged to retries");
        _call.Out.ToString().ShouldContain("  its last 20 lines:\n  | line 11\n");
        _call.Out.ToString().ShouldEndWith("  | line 30\n");
    }

    [Fact]
    public async Task AnInvalidFile_IsToldLineByLine_AndNothingIsHosted()
    {
        var file = File("dag: one\ntaks: 1\ntasks:\n  a: { comand: [x] }\n");

        var code = await _call.InvokeAsync("run", file);

        code.ShouldBe(ExitCode.Invalid);
        _world.Asked.ShouldBeEmpty();
        _call.Out.ToString().ShouldBeEmpty();
        _call.Error.ToString().ShouldContain($"{file}:2:1: error: taks: ");
        _call.Error.ToString().ShouldEndWith($"flow: 3 errors in {file}; nothing was done\n");
    }

    [Theory]
    [InlineData("-p", "rows=many", "rows")]
    [InlineData("-p", "rows", "'rows' is not name=value")]
    [InlineData("-p", "rws=3", "rws")]
    [InlineData("--logical-date", "tomorrow", "'tomorrow' is no date")]
    public async Task WrongOptions_AreRefused_BeforeAnythingIsHosted(string option, string value, string says)
    {
        var file = File("dag: one\nparams:\n  rows: { type: integer, default: 3 }\ntasks:\n  a: { command: [x] }\n");

        var code = await _call.InvokeAsync("run", file, option, value);

        code.ShouldBe(ExitCode.Invalid);
        _world.Asked.ShouldBeEmpty();
        _call.Error.ToString().ShouldContain(says);
    }

    [Fact]
    public async Task Parameters_AreReadByTheirSchema_AndTheLogicalDateIsUtc()
    {
        _world.OnTrigger = run => Begin(run, RunState.Success);
        var file = File("dag: one\nparams:\n  rows: { type: integer }\n  name: { type: string }\ntasks:\n  a: { command: [x] }\n");

        await _call.InvokeAsync("run", file, "-p", "rows=7", "-p", "name=12", "--logical-date", "2024-02-03");

        JsonNode.DeepEquals(JsonNode.Parse(_world.Triggered!.Params!), JsonNode.Parse("""{"rows":7,"name":"12"}""")).ShouldBeTrue();
        _world.Triggered.LogicalDate.ShouldBe(new DateTimeOffset(2024, 2, 3, 0, 0, 0, TimeSpan.Zero));
        _world.Triggered.Run.Value.ShouldBe("manual-20240203T000000Z-zzzzz");
    }

    [Theory]
    [InlineData("values.json", "{\n\t\"rows\": 7,\n\t\"name\": \"file\"\n}\n")]
    [InlineData("values.yaml", "rows: 7\nname: file\n")]
    public async Task AFileOfParameters_IsRead_AndOptionsGoBeforeIt(string name, string content)
    {
        _world.OnTrigger = run => Begin(run, RunState.Success);
        var file = File("dag: one\nparams:\n  rows: { type: integer }\n  name: { type: string }\ntasks:\n  a: { command: [x] }\n");
        var values = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(values, content);

        await _call.InvokeAsync("run", file, "--params-file", values, "-p", "name=option");

        JsonNode.DeepEquals(JsonNode.Parse(_world.Triggered!.Params!), JsonNode.Parse("""{"rows":7,"name":"option"}""")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("rows: many\n", "params.rows")]
    [InlineData("- 1\n", "values.yaml:1:1: error: parameters are a map from names to values, this file holds a list")]
    [InlineData("", "values.yaml:1:1: error: the file is empty: parameters are a map from names to values")]
    [InlineData(null, "values.yaml cannot be read")]
    public async Task AFileOfParametersThatIsNone_IsRefused_BeforeAnythingIsHosted(string? content, string says)
    {
        var file = File("dag: one\nparams:\n  rows: { type: integer, default: 3 }\ntasks:\n  a: { command: [x] }\n");
        var values = Path.Combine(_folder, "values.yaml");
        if (content is not null) System.IO.File.WriteAllText(values, content);

        (await _call.InvokeAsync("run", file, "--params-file", values)).ShouldBe(ExitCode.Invalid);

        _world.Asked.ShouldBeEmpty();
        _call.Error.ToString().ShouldContain(says);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("dags trigger credit")]
    public async Task ARun_GetsTheIdThatIsGiven_AndIsLeft_WhenNobodyWaits(string command)
    {
        _world.OnTrigger = run => Begin(run, RunState.Queued);
        var words = command == "run" ? ["run", File("dag: one\ntasks:\n  a: { command: [x] }\n")] : command.Split(' ');

        var code = await _call.InvokeAsync([.. words, "--run-id", "nightly-1", "--no-wait", "--why", "the night has come"]);

        code.ShouldBe(ExitCode.Success);
        _world.Triggered!.Run.Value.ShouldBe("nightly-1");
        _world.Triggered.By.ShouldBe(new Origin("ann", RequestId: "request-1", Why: "the night has come"));
        _call.Error.ToString().ShouldEndWith("it goes on whenever the engine is hosted: flow runs watch nightly-1\n");
    }

    [Fact]
    public async Task AnIdThatIsNone_IsRefused_BeforeAnythingIsHosted()
    {
        (await _call.InvokeAsync("run", File("dag: one\ntasks:\n  a: { command: [x] }\n"), "--run-id", "a/b")).ShouldBe(ExitCode.Invalid);

        _world.Asked.ShouldBeEmpty();
        _call.Error.ToString().ShouldStartWith("flow: --run-id: ");
    }

    [Theory]
    [InlineData("dags apply FILE")]
    [InlineData("dags pause credit")]
    [InlineData("dags unpause credit")]
    [InlineData("runs cancel @latest")]
    [InlineData("runs rerun manual-20240101T070000Z-bbbbb --failed --no-wait")]
    [InlineData("tasks clear manual-20240101T070000Z-bbbbb train --no-wait")]
    [InlineData("pools set gpu 3")]
    public async Task WhyACommandIsGiven_GoesWithIt(string command)
    {
        var words = command.Replace("FILE", File("dag: one\ntasks:\n  a: { command: [x] }\n"), StringComparison.Ordinal).Split(' ');

        (await _call.InvokeAsync([.. words, "--why", "because"])).ShouldBe(ExitCode.Success);

        _world.Commands.ShouldNotBeEmpty();
        _world.Commands.ShouldAllBe(given => given.By.Why == "because" && given.By.Actor == "ann");
    }

    [Fact]
    public async Task CtrlC_CancelsTheRun_SaysSo_AndExitsOne()
    {
        _world.OnTrigger = run =>
        {
            Begin(run, RunState.Running);
            _world.Next.Enqueue(_ => _call.Interrupts.Raise());
        };

        var code = await _call.InvokeAsync("run", File("dag: one\ntasks:\n  hello: { command: [echo, hello] }\n"));

        code.ShouldBe(ExitCode.RunFailed);
        _world.Asked.ShouldContain("cancel and wait manual-20240101T090000Z-zzzzz");
        _call.Error.ToString().ShouldContain("cancelling run manual-20240101T090000Z-zzzzz: its tasks get their grace period; Ctrl-C again kills them");
        _call.Out.ToString().ShouldContain("of one: cancelled in ");
    }

    [Theory]
    [InlineData(ExitCode.Terminated)]
    [InlineData(ExitCode.HungUp)]
    public async Task ASignalFromOutside_LeavesTheRunAsItIs_SaysHowToGoOn_AndIsTheExitCode(int signal)
    {
        _world.OnTrigger = run =>
        {
            Begin(run, RunState.Running);
            _world.Next.Enqueue(_ => _call.Interrupts.Raise(signal));
        };

        var code = await _call.InvokeAsync("run", File("dag: one\ntasks:\n  hello: { command: [echo, hello] }\n"));

        code.ShouldBe(signal);
        _world.Asked.ShouldNotContain(asked => asked.StartsWith("cancel", StringComparison.Ordinal));
        _call.Error.ToString().ShouldContain("leaving run manual-20240101T090000Z-zzzzz as it is");
        _call.Error.ToString().ShouldContain("to go on: flow runs watch manual-20240101T090000Z-zzzzz\n");
    }

    [Fact]
    public void CtrlCTwice_LeavesAtOnce_WhereNothingIsHosted()
    {
        _call.Interrupts.Raise();

        Should.Throw<InvalidOperationException>(() => _call.Interrupts.Raise()).Message.ShouldBe("left at once");
    }

    [Fact]
    public void CtrlCTwice_HurriesAHost_AndTheThirdLeavesAtOnce()
    {
        _call.Interrupts.Host();
        _call.Interrupts.Raise();
        _call.Interrupts.Hurry.IsCancellationRequested.ShouldBeFalse();

        _call.Interrupts.Raise();

        _call.Interrupts.Hurry.IsCancellationRequested.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => _call.Interrupts.Raise()).Message.ShouldBe("left at once");
    }

    [Fact]
    public void ASignalFromOutside_AfterCtrlC_IsNoRepetition()
    {
        _call.Interrupts.Host();
        _call.Interrupts.Raise();

        _call.Interrupts.Raise(ExitCode.Terminated);

        _call.Interrupts.ToldToLeave.IsCancellationRequested.ShouldBeTrue();
        _call.Interrupts.Hurry.IsCancellationRequested.ShouldBeFalse();
        _call.Interrupts.ExitCode.ShouldBe(ExitCode.Terminated);
    }

    [Fact]
    public async Task AnEngineThatRefuses_IsQuoted()
    {
        _world.Refusal = "pool 'gpu' does not exist";

        var code = await _call.InvokeAsync("run", File("dag: one\ntasks:\n  a: { command: [x] }\n"));

        code.ShouldBe(ExitCode.Invalid);
        _call.Error.ToString().ShouldBe("flow: pool 'gpu' does not exist\n");
    }

    [Fact]
    public async Task Trigger_UsesTheAppliedVersion_AndNoWaitReturnsAtOnce()
    {
        _world.OnTrigger = run => Begin(run, RunState.Queued);

        var code = await _call.InvokeAsync("dags", "trigger", "credit", "-p", "rows=5", "--no-wait");

        code.ShouldBe(ExitCode.Success);
        _world.Triggered!.Version.ShouldBeNull();
        _world.Triggered.Params.ShouldBe("""{"rows":5}""");
        _call.Error.ToString().ShouldEndWith("it goes on whenever the engine is hosted: flow runs watch manual-20240101T090000Z-zzzzz\n");
    }

    [Theory]
    [InlineData("--no-wait")]
    [InlineData("--quiet")]
    public async Task ATriggerOfAPausedDag_AnswersThatTheRunIsHeldUp_AndByWhat(string option)
    {
        _world.Dags[0] = _world.Dags[0] with { Head = _world.Dags[0].Head with { Paused = true } };
        _world.OnTrigger = run => _world.Runs.Add(new RunDetail(Sample.Run(run, "hash", RunState.Queued, Sample.Start), [], [], []));

        var code = await _call.InvokeAsync("dags", "trigger", "credit", "-o", "json", option);

        code.ShouldBe(ExitCode.Success);
        var answer = JsonNode.Parse(_call.Out.ToString())!;
        answer["state"]!.GetValue<string>().ShouldBe("queued");
        answer["detail"]!.GetValue<string>().ShouldBe("DAG credit is paused, and no run of it leaves the queue");
        if (option == "--quiet") return;
        _call.Error.ToString().ShouldEndWith(
            "waits in the queue: DAG credit is paused, and no run of it leaves the queue; what to do: flow dags unpause credit, then "
            + "flow runs watch manual-20240101T090000Z-zzzzz\n");
        _call.Error.ToString().ShouldNotContain("it goes on");
    }

    private void Begin(RunId run, RunState end)
    {
        var at = Sample.Start;
        var key = Sample.Key(run, "hello");
        var (task, reason, attempt) = end switch
        {
            RunState.Success => (TaskState.Success, TaskReason.Completed, AttemptState.Succeeded),
            RunState.Failed => (TaskState.Failed, TaskReason.ExitCode, AttemptState.Failed),
            _ => (TaskState.Running, TaskReason.Executing, AttemptState.Running),
        };
        AttemptCause? cause = end == RunState.Failed ? AttemptCause.Application : null;
        var running = Sample.Run(run, "hash", RunState.Running, at) with { Dag = new DagId("one") };
        _world.Runs.Add(new RunDetail(running, [], [], []));
        Sample.Tell(_world, run, "hello", "running", epoch: 1);
        if (end is RunState.Running or RunState.Queued) return;
        _world.Next.Enqueue(w => w.Change(run, r => r));
        _world.Next.Enqueue(w => w.Change(run, r => new RunDetail(
            r.Run with { State = end, EndedAt = at.AddSeconds(2) },
            [Sample.Task(key, task, reason, at, at.AddSeconds(2), 1)],
            [Sample.Attempt(key, 1, attempt, cause, end == RunState.Failed ? 1 : 0, at, 2)],
            [])));
    }

    private string File(string content)
    {
        var path = Path.Combine(_folder, "dag.yaml");
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
