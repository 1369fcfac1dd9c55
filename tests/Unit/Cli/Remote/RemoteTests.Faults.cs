using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Cli;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.Client.Fakes;
using Peers = OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Unit.Cli.Remote;

/// <content>Servers that come, go, refuse and are somewhere else.</content>
public sealed partial class RemoteTests
{
    [Fact]
    public async Task APath_GoesToAServerOfThisMachineOnly()
    {
        var here = new RemotePeers(_server.Client(), new ServerAddress(_server.Address, null, ""));
        var elsewhere = new RemotePeers(_server.Client(), new ServerAddress("https://flow.example", null, ""));
        var version = new Peers.ApplyDag("h", "{}", "/dags/a.yaml") { By = new("ann", RequestId: "1") };
        var trigger = new Peers.TriggerRun { Run = new("r"), Version = version, By = version.By };

        foreach (var peers in (RemotePeers[])[here, elsewhere])
            await peers.Dag(new("a")).TriggerAsync(trigger, CancellationToken.None);

        _server.Requests.OfType<TriggerRunRequest>().Select(request => request.Source.Path).ShouldBe(["/dags/a.yaml", ""]);
    }

    [Fact]
    public async Task AServerThatDiesUnderARunInTheQueue_IsWaitedFor()
    {
        var queued = true;
        await ServeAsync(server => server
            .OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", QueueAsync)
            .On<GetDagRequest, Dag>("GetDag", _ => throw new RpcException(RpcCode.Unavailable, "away")));
        var running = _call.InvokeAsync("run", File);
        await _watching.Task.WaitAsync(FakeServer.Ceiling);

        await _server.KillAsync();
        queued = false;
        await _server.StartAsync();

        (await running.WaitAsync(FakeServer.Ceiling)).ShouldBe(ExitCode.Success, _call.Error.ToString());

        async IAsyncEnumerable<WatchRunResponse> QueueAsync(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellation)
        {
            if (!queued)
            {
                await foreach (var message in Watch(request, cancellation)) yield return message;
                yield break;
            }

            yield return new WatchRunResponse { Run = Queued(request.Name), Snapshot = true, Cursor = "q" };
            _watching.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
    }

    [Fact]
    public async Task AFileThatTheServerFindsInvalid_IsToldLineByLine()
    {
        await ServeAsync(server => server
            .On<ValidateDagRequest, DagReport>("ValidateDag", _ => new DagReport { Problems = { Problem(3, "tasks.a", "no such field"), Problem(1, "", "no tasks") } })
            .On<TriggerRunRequest, Run>("TriggerRun", _ => throw Refuse("INVALID_DAG", "1 of 2 problems")));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldBe($"{File}:3:7: error: tasks.a: no such field\n{File}:1:7: error: no tasks\nflow: 2 errors in {File}; nothing was done\n");
    }

    [Fact]
    public async Task WhatTheServerWarnsOf_IsTold_AndTheRunIsMade()
    {
        await ServeAsync(server => server.On<ValidateDagRequest, DagReport>("ValidateDag", _ => new DagReport
        {
            Valid = true,
            Problems = { new DagProblem(Problem(2, "tasks.a", "odd")) { Severity = Severity.Warning } },
        }));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.Success, _call.Error.ToString());

        _call.Error.ToString().ShouldContain($"{File}:2:7: warning: tasks.a: odd\n");
    }

    [Fact]
    public async Task ARunThatWasMade_IsFollowed_AlsoWhenTheFileCouldNotBeChecked()
    {
        await ServeAsync(server => server.On<ValidateDagRequest, DagReport>("ValidateDag", _ => throw new RpcException(RpcCode.Internal, "a defect")));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.Success, _call.Error.ToString());

        _call.Out.ToString().ShouldContain("hello: success");
        _call.Error.ToString().ShouldContain("whether the server warns of anything in the file is not known");
    }

    [Fact]
    public async Task AFileThatIsRefused_IsRefused_AlsoWhenItCouldNotBeChecked()
    {
        await ServeAsync(server => server
            .On<ValidateDagRequest, DagReport>("ValidateDag", _ => throw new RpcException(RpcCode.Internal, "a defect"))
            .On<TriggerRunRequest, Run>("TriggerRun", _ => throw Refuse("INVALID_DAG", "the DAG has 2 errors: no tasks")));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldBe("flow: the DAG has 2 errors: no tasks\n");
    }

    [Fact]
    public async Task ParametersThatTheServerRefuses_AreNamedAsTheyWereGiven()
    {
        await ServeAsync(server => server.On<TriggerRunRequest, Run>("TriggerRun", _ => throw Refuse(
            "INVALID_PARAMS", "The request is wrong.", new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "param_texts.name", Description = "too long." } } })));

        (await _call.InvokeAsync("run", File, "-p", "name=you")).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldBe("flow: the parameters of DAG hello: params.name: too long\n");
    }

    [Fact]
    public async Task AWordThatIsNoParameter_IsToldBeforeAnythingIsAsked()
    {
        (await _call.InvokeAsync("run", File, "-p", "name")).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldBe("flow: --param: 'name' is not name=value\n");
        _server.Requests.OfType<TriggerRunRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task ARunInTheQueue_IsLookedIntoAgain_AlsoWhenNothingComes()
    {
        var paused = false;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(server => server
            .OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", QueueAsync)
            .On<GetDagRequest, Dag>("GetDag", request =>
            {
                asked.TrySetResult();
                return new Dag { Name = request.Name, Paused = paused };
            }));
        var running = _call.InvokeAsync("run", File);
        await asked.Task.WaitAsync(FakeServer.Ceiling);

        paused = true;

        while (!_call.Error.ToString().Contains("DAG hello is paused", StringComparison.Ordinal) && !running.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        _call.Interrupts.Raise();
        (await running.WaitAsync(FakeServer.Ceiling)).ShouldBe(ExitCode.Interrupted);
        _call.Error.ToString().ShouldContain("waits in the queue: DAG hello is paused");

        async IAsyncEnumerable<WatchRunResponse> QueueAsync(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellation)
        {
            yield return new WatchRunResponse { Run = Queued(request.Name), Snapshot = true, Cursor = "q" };
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
    }

    [Fact]
    public async Task AFailedRun_IsAFailedRun_AlsoWhenNobodyIsThereToSayWhy()
    {
        await ServeAsync(server => server
            .OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", FailAsync)
            .On<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse>("ExplainTaskInstance", _ => throw new RpcException(RpcCode.Internal, "it stops")));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.RunFailed);

        _call.Out.ToString().ShouldContain("greet failed; flow why manual-");
        _call.Error.ToString().ShouldContain("why it failed cannot be told now: it stops");
    }

    [Fact]
    public async Task CtrlC_WhileTheEndIsTold_LeavesTheExitCodeOfTheRun()
    {
        await ServeAsync(server => server
            .OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", FailAsync)
            .On<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse>("ExplainTaskInstance", _ =>
            {
                _call.Interrupts.Raise();
                throw new RpcException(RpcCode.Unavailable, "away");
            }));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.RunFailed);

        _call.Error.ToString().ShouldNotContain("it goes on at");
    }

    [Fact]
    public async Task ARunThatNoAnswerCameFor_IsNamed()
    {
        await ServeAsync(server => server.On<TriggerRunRequest, Run>("TriggerRun", _ => throw new RpcException(RpcCode.DeadlineExceeded, "too slow")));

        (await _call.InvokeAsync("run", File)).ShouldBe(ExitCode.Unavailable);

        var sent = _server.Requests.OfType<TriggerRunRequest>().First().RunId;
        _call.Error.ToString().ShouldContain($"run {sent} may have been made all the same: flow runs show {sent} tells");
        _call.Error.ToString().ShouldContain("too slow. A command may have been done all the same: look before you repeat it.");
    }

    [Fact]
    public async Task AFileThatTheServerRefuses_IsNamed_WithThoseThatWereApplied()
    {
        var folder = Directory.CreateTempSubdirectory("cli-remote-apply-").FullName;
        try
        {
            foreach (var name in (string[])["a", "b"])
                await System.IO.File.WriteAllTextAsync(Path.Combine(folder, $"{name}.yaml"), $"dag: {name}\ntasks:\n  x: {{ noop: {{}} }}\n");
            await ServeAsync(server => server.On<ApplyDagRequest, ApplyDagResponse>("ApplyDag", request => request.Source.SpecJson.Contains("\"dag\":\"b\"", StringComparison.Ordinal)
                ? throw new RpcException(RpcCode.PermissionDenied, "not this one")
                : new ApplyDagResponse { Outcome = ApplyOutcome.Created }));

            (await _call.InvokeAsync("dags", "apply", folder)).ShouldBe(ExitCode.Invalid);

            _call.Error.ToString().ShouldContain("b.yaml: not this one");
            _call.Error.ToString().ShouldContain("(applied before it: a)");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Why_OfATask_AsksForTheVersionOfTheRun_NotForTheCurrentOne()
    {
        await ServeAsync(server => server
            .On<GetRunRequest, Run>("GetRun", request => Queued(request.Name))
            .On<GetDagRequest, Dag>("GetDag", request => new Dag { Name = request.Name, Paused = true })
            .On<GetDagVersionRequest, DagVersion>("GetDagVersion", request => new DagVersion
            {
                Name = request.Name,
                SpecJson = request.Name.EndsWith("/abc", StringComparison.Ordinal) ? OrleansFlow.Domain.Dags.CanonicalJson.Write(Sample.Spec) : "{}",
            }));

        (await _call.InvokeAsync("why", "run-a", "train")).ShouldBe(ExitCode.Success, _call.Error.ToString());

        _call.Out.ToString().ShouldContain("train: its run waits in the queue: DAG hello is paused");
        _server.Requests.OfType<GetDagVersionRequest>().ShouldHaveSingleItem().Name.ShouldBe("dags/hello/versions/abc");
        _server.Requests.OfType<ListDagVersionsRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task AServerThatComesWhileARunIsWatched_IsFollowed()
    {
        _own.OtherHost = 4711;
        _own.Runs.AddRange(Sample.World().Runs);
        _own.Next.Enqueue(_ => { });
        _own.Next.Enqueue(_ => { });
        var here = false;
        var call = new CommandLine(_own)
        {
            Engines = new ComingServer(_own, () => here ? new ServerAddress(_server.Address, null, "the server of /data") : null),
        };
        _own.Next.Enqueue(own =>
        {
            own.OtherHost = null;
            here = true;
        });

        (await call.InvokeAsync("runs", "watch", Sample.Live.Value)).ShouldBe(ExitCode.Success, call.Error.ToString());

        call.Error.ToString().ShouldContain("the server of /data hosts the engine now");
        call.Error.ToString().ShouldNotContain("this process hosts the engine");
        _server.Requests.OfType<WatchRunRequest>().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(RpcCode.ResourceExhausted)]
    [InlineData(RpcCode.Aborted)]
    [InlineData(RpcCode.Cancelled)]
    public async Task AServerThatIsTooBusy_IsTold_WithCode3(RpcCode code)
    {
        await ServeAsync(server => server.On<ListDagsRequest, ListDagsResponse>("ListDags", _ => throw new RpcException(code, "not now")));

        (await _call.InvokeAsync("dags", "list")).ShouldBe(ExitCode.Unavailable);
    }

    [Fact]
    public async Task APatience_EndsTheWaiting_WithCode3()
    {
        _ends = false;
        var watching = _call.InvokeAsync("runs", "watch", "run-a", "--patience", "0s");
        await _watching.Task.WaitAsync(FakeServer.Ceiling);

        await _server.KillAsync();

        (await watching.WaitAsync(FakeServer.Ceiling)).ShouldBe(ExitCode.Unavailable, _call.Error.ToString());
    }

    [Fact]
    public async Task OnlyWhatChanged_IsTranslatedAgain()
    {
        using var client = _server.Client();
        var picture = new RunPicture(new RemoteLogs(client));
        var run = Ended();
        var first = new OrleansFlow.Client.Following.RunSnapshot
        {
            Run = run,
            Tasks = run.Tasks.ToDictionary(task => task.Name),
            Changed = [],
            Cursor = "",
        };
        var before = picture.Of(first).Tasks[0];

        picture.Of(first with { Run = run.Clone() }).Tasks[0].ShouldBeSameAs(before);
        picture.Of(first with { Tasks = run.Tasks.ToDictionary(task => task.Name, task => task.Clone()) }).Tasks[0].ShouldNotBeSameAs(before);
        await Task.CompletedTask;
    }

    /// <summary>The server, with other methods.</summary>
    private async Task ServeAsync(Action<FakeServer> change)
    {
        change(_server);
        await _server.KillAsync();
        await _server.StartAsync();
    }

    private static async IAsyncEnumerable<WatchRunResponse> FailAsync(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var run = Ended();
        (run.Name, run.State) = (request.Name, RunState.Failed);
        var tasks = run.Tasks.ToList();
        tasks[0].State = TaskState.Failed;
        run.Tasks.Clear();
        yield return new WatchRunResponse { Run = run, ChangedTasks = { tasks }, Snapshot = true, Cursor = "c" };
    }

    private static DagProblem Problem(int line, string path, string message) =>
        new() { Severity = Severity.Error, Line = line, Column = 7, Path = path, Message = message };

    private static RpcException Refuse(string reason, string message, params IMessage[] details) => new(
        RpcCode.InvalidArgument, message, [new ErrorInfo { Domain = "orleansflow", Reason = reason, Metadata = { ["dag"] = "dags/hello" } }, .. details]);

    private static Run Queued(string name) => new()
    {
        Name = name,
        Dag = "dags/hello",
        DagVersion = "dags/hello/versions/abc",
        Kind = RunKind.Manual,
        State = RunState.Queued,
        Params = new Struct(),
    };

    /// <summary>No server at first; from some time on, one.</summary>
    private sealed class ComingServer(FakeEngines own, Func<ServerAddress?> find) : IEngineAccess
    {
        public int SchemaVersion => 1;

        public async Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation) =>
            find() is { } server ? new RemoteEngine(server, options) : await own.HostAsync(options, cancellation);

        public async Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation) =>
            find() is { } server ? new RemoteEngine(server, options) : await own.ReadAsync(options, cancellation);

        public IServerEngine? FindServer(EngineOptions options) => null;

        public Task MigrateAsync(EngineOptions options, CancellationToken cancellation) => own.MigrateAsync(options, cancellation);
    }
}
