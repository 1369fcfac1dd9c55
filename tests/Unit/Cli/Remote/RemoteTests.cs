using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Cli;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.Client.Fakes;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Cli.Remote;

/// <summary>Commands against a server.</summary>
public sealed partial class RemoteTests : IAsyncLifetime
{
    private static readonly string File = GoldenFiles.Folder("samples", "hello", "dag.yaml");

    private readonly FakeServer _server = new();
    private readonly FakeEngines _own = new();
    private readonly TaskCompletionSource _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommandLine _call;
    private bool _ends = true;

    public RemoteTests()
    {
        _call = new CommandLine(_own)
        {
            Engines = new AnyEngines(_own),
            Environment = name => name == "FLOW_SERVER" ? _server.Address : null,
        };
        _server
            .On<ValidateDagRequest, DagReport>("ValidateDag", _ => new DagReport { Valid = true })
            .On<TriggerRunRequest, Run>("TriggerRun", request => new Run { Name = $"runs/{request.RunId}", Dag = "dags/hello" })
            .On<GetRunRequest, Run>("GetRun", _ => Ended())
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Ended() } })
            .On<CancelRunRequest, CancelRunResponse>("CancelRun", _ => new CancelRunResponse { Changed = true })
            .On<RerunRunRequest, RerunRunResponse>("RerunRun", _ => new RerunRunResponse { ClearedCount = 2, EventsCursor = "after-clear" })
            .On<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse>(
                "ExplainTaskInstance", _ => new ExplainTaskInstanceResponse { Summary = "it is done", Facts = { "a fact" } })
            .On<ListLogRecordsRequest, ListLogRecordsResponse>("ListLogRecords", request => request.PageToken.Length == 0
                ? new ListLogRecordsResponse { LogRecords = { Line("one") }, NextPageToken = "next" }
                : new ListLogRecordsResponse { LogRecords = { Line("two") } })
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => Hosts())
            .OnStream<StreamLogsRequest, StreamLogsResponse>("StreamLogs", (_, _) => Logs())
            .OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", Watch)
            .OnStream<WatchRunEventsRequest, WatchRunEventsResponse>("WatchRunEvents", WatchEvents);
    }

    public async Task InitializeAsync() => await _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task AFile_RunsAtTheServer_WhichReadsIt()
    {
        (await _call.InvokeAsync("run", File, "-p", "name=you")).ShouldBe(ExitCode.Success);

        var sent = _server.Requests.OfType<TriggerRunRequest>().ShouldHaveSingleItem();
        sent.Source.Yaml.ToStringUtf8().ShouldBe(await System.IO.File.ReadAllTextAsync(File));
        sent.Source.Path.ShouldBe(File);
        sent.ParamTexts["name"].ShouldBe("you");
        _call.Error.ToString().ShouldContain($"run {sent.RunId} of hello");
        _call.Error.ToString().ShouldContain("greet: success");
        _call.Out.ToString().ShouldContain("hello: success");
        _call.Out.ToString().ShouldContain("/data/greet.log");
        _own.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task TheHosts_AreShown_AlsoThoseOfAServerThatSaysLittle()
    {
        (await _call.InvokeAsync("cluster", "show")).ShouldBe(ExitCode.Success);

        var lines = _call.Out.ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        lines[1].ShouldStartWith("b active yes");
        lines[2].ShouldStartWith("a leaving 2024-01-01");
        lines[2].ShouldEndWith("1 2 30 4 cluster 0.2.0 http://a:1 the file /run/going-away, 2024-01-01 06:00:07Z");
    }

    [Fact]
    public async Task ARun_GetsItsIdAndWhy_AndTheEndOfItsLogIsAskedFor()
    {
        (await _call.InvokeAsync("run", File, "--run-id", "nightly-1", "--why", "because", "--no-wait")).ShouldBe(ExitCode.Success);
        var sent = _server.Requests.OfType<TriggerRunRequest>().ShouldHaveSingleItem();
        (sent.RunId, sent.Why).ShouldBe(("nightly-1", "because"));
        _server.Requests.OfType<WatchRunRequest>().ShouldBeEmpty();

        (await _call.InvokeAsync("logs", "run-a", "greet", "--tail", "3")).ShouldBe(ExitCode.Success);
        _server.Requests.OfType<ListLogRecordsRequest>().Select(asked => (asked.Tail, asked.PageToken)).ShouldBe([(3, ""), (0, "next")]);

        (await _call.InvokeAsync("logs", "run-a", "greet", "--tail", "3", "-f")).ShouldBe(ExitCode.Success);
        _server.Requests.OfType<StreamLogsRequest>().ShouldHaveSingleItem().Tail.ShouldBe(3);
    }

    [Fact]
    public async Task CtrlC_LeavesTheRunToItsServer()
    {
        _ends = false;
        var running = _call.InvokeAsync("run", File, "--run-id", "nightly-1", "--server", _server.Address);
        await _watching.Task.WaitAsync(FakeServer.Ceiling);

        _call.Interrupts.Raise();

        (await running).ShouldBe(ExitCode.Interrupted);
        _call.Error.ToString().ShouldContain($"it goes on at {_server.Address}; flow runs watch nightly-1 --server {_server.Address} follows it");
        _server.Requests.OfType<CancelRunRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task AWatcher_GoesOn_WhenTheServerIsKilled_AndStartsAgain()
    {
        _ends = false;
        var watching = _call.InvokeAsync("runs", "watch", "run-a", "-o", "json");
        await _watching.Task.WaitAsync(FakeServer.Ceiling);

        await _server.KillAsync();
        _ends = true;
        await _server.StartAsync();

        (await watching.WaitAsync(FakeServer.Ceiling)).ShouldBe(ExitCode.Success);
        _call.Out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1, "each event is told once");
        _call.Out.ToString().ShouldContain("\"event\":\"success\"");
    }

    [Fact]
    public async Task ARerun_IsFollowed_FromTheCommandOn()
    {
        (await _call.InvokeAsync("runs", "rerun", "run-a", "--failed")).ShouldBe(ExitCode.Success);

        _server.Requests.OfType<RerunRunRequest>().ShouldHaveSingleItem().OnlyFailed.ShouldBeTrue();
        _server.Requests.OfType<WatchRunEventsRequest>().ShouldHaveSingleItem().Cursor.ShouldBe("after-clear");
        _call.Error.ToString().ShouldContain("cleared 2 tasks");
    }

    [Fact]
    public async Task ARun_IsShown_AsAtHome()
    {
        (await _call.InvokeAsync("runs", "show", "@latest", "-o", "json")).ShouldBe(ExitCode.Success);

        var shown = System.Text.Json.Nodes.JsonNode.Parse(_call.Out.ToString())!;
        shown["run"]!.GetValue<string>().ShouldBe("run-a");
        shown["state"]!.GetValue<string>().ShouldBe("success");
        var task = shown["tasks"]![0]!;
        task["reason"]!.GetValue<string>().ShouldBe("completed");
        task["attempts"]![0]!["evidence"]!["pid"]!.GetValue<int>().ShouldBe(42);
        task["attempts"]![0]!["cause"].ShouldBeNull();
        task["artifacts"]![0]!["sha256"]!.GetValue<string>().ShouldBe("aa");
    }

    [Fact]
    public async Task Logs_AreRead_PageByPage()
    {
        (await _call.InvokeAsync("logs", "run-a", "greet")).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldBe("one\ntwo\n");
    }

    [Fact]
    public async Task Logs_AreFollowed_ByTheServersStream()
    {
        (await _call.InvokeAsync("logs", "run-a", "greet", "-f")).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldBe("live\n");
        _server.Requests.OfType<StreamLogsRequest>().ShouldHaveSingleItem().Name.ShouldBe("runs/run-a/tasks/greet");
    }

    [Fact]
    public async Task Why_IsAskedOfTheServer()
    {
        (await _call.InvokeAsync("why", "run-a", "greet")).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldContain("it is done");
        _call.Out.ToString().ShouldContain("a fact");
    }

    [Fact]
    public async Task ARefusal_IsTold_WithCode2()
    {
        _server.On<UpdatePoolRequest, Pool>("UpdatePool", _ => throw new RpcException(
            RpcCode.PermissionDenied, "viewers may not change pools", [new ErrorInfo { Domain = "orleansflow", Reason = "ROLE_TOO_LOW" }]));
        await _server.KillAsync();
        await _server.StartAsync();

        (await _call.InvokeAsync("pools", "set", "gpu", "3")).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldContain("viewers may not change pools. Ask for a token with a higher role.");
    }

    [Fact]
    public async Task AServerThatIsNotThere_IsTold_WithCode3()
    {
        await _server.KillAsync();

        (await _call.InvokeAsync("dags", "list")).ShouldBe(ExitCode.Unavailable);

        _call.Error.ToString().ShouldContain(_server.Address);
        _call.Error.ToString().ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task Migrate_WorksOnTheOwnDatabase()
    {
        (await _call.InvokeAsync("migrate")).ShouldBe(ExitCode.Success);

        _own.Asked.ShouldBe(["migrate"]);
    }

    private async IAsyncEnumerable<WatchRunResponse> Watch(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var ends = _ends;
        var run = Ended();
        run.Name = request.Name;
        if (!ends) run.State = RunState.Running;
        var tasks = run.Tasks.ToList();
        run.Tasks.Clear();
        yield return new WatchRunResponse { Run = run, ChangedTasks = { tasks }, Snapshot = true, Cursor = ends ? "c2" : "c1" };
        if (ends) yield break;
        _watching.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
    }

    private async IAsyncEnumerable<WatchRunEventsResponse> WatchEvents(
        WatchRunEventsRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_ends) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        yield return new WatchRunEventsResponse
        {
            Cursor = "e1",
            Events = { new HistoryEvent { Sequence = 1, EventTime = Time(), Dag = "dags/hello", Run = request.Name, TaskId = "greet", Epoch = 1, Kind = "success" } },
        };
    }

    private static async IAsyncEnumerable<StreamLogsResponse> Logs()
    {
        await Task.CompletedTask;
        yield return new StreamLogsResponse { LogRecords = { Line("live") }, Cursor = "l1" };
    }

    private static Run Ended() => new()
    {
        Name = "runs/run-a",
        Dag = "dags/hello",
        DagVersion = "dags/hello/versions/abc",
        Kind = RunKind.Manual,
        State = RunState.Success,
        LogicalDate = Time(),
        DataIntervalStart = Time(),
        DataIntervalEnd = Time(),
        Params = new Struct(),
        CreateTime = Time(),
        StartTime = Time(),
        EndTime = Time(),
        Tasks =
        {
            new TaskInstance
            {
                Name = "runs/run-a/tasks/greet",
                TaskId = "greet",
                State = TaskState.Success,
                Reason = TaskReason.Completed,
                Version = 3,
                Epoch = 1,
                Pool = "pools/default",
                PoolSlots = 1,
                Attempts =
                {
                    new Attempt
                    {
                        Name = "runs/run-a/tasks/greet/attempts/1",
                        Epoch = 1,
                        State = AttemptState.Succeeded,
                        ExitCode = 0,
                        CreateTime = Time(),
                        Evidence = new Struct { Fields = { ["pid"] = Value.ForNumber(42) } },
                        LogUri = "/data/greet.log",
                    },
                },
                Artifacts = { new Artifact { Name = "runs/run-a/tasks/greet/artifacts/a/b.txt", Path = "a/b.txt", SizeBytes = 7, Sha256 = "aa", Uri = "file:///a" } },
            },
        },
    };

    private static LogRecord Line(string text) => new()
    {
        Attempt = "runs/run-a/tasks/greet/attempts/1",
        WriteTime = Time(),
        Source = LogSource.Stdout,
        Text = text,
    };

    private static Timestamp Time() => Sample.Start.ToTimestamp();

    private static ListHostsResponse Hosts() => new()
    {
        Hosts =
        {
            new Host
            {
                Name = "hosts/a", Engine = Engine.Cluster, State = HostState.Leaving, Version = "0.2.0", Address = "http://a:1",
                SinceTime = Timestamp.FromDateTimeOffset(new DateTimeOffset(2024, 1, 1, 6, 0, 0, TimeSpan.Zero)),
                Live = new LiveCoordinators { DagCount = 1, RunCount = 2, TaskCount = 30, PoolCount = 4 },
                Notice = "the file /run/going-away",
                NoticeTime = Timestamp.FromDateTimeOffset(new DateTimeOffset(2024, 1, 1, 6, 0, 7, TimeSpan.Zero)),
            },
            new Host { Name = "hosts/b", Engine = Engine.Embedded, InCharge = true, Epoch = 3 },
        },
    };
}
