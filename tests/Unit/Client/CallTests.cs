using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Unit.Client.Fakes;

namespace OrleansFlow.Tests.Unit.Client;

/// <summary>What calls send, how they are repeated, and what their failures become.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private static readonly RunId RunA = new("run-a");

    private readonly FakeServer _server = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task ACommandThatIsRepeated_CarriesOneRequestId()
    {
        var calls = 0;
        await _server.On<CancelRunRequest, CancelRunResponse>("CancelRun", _ => ++calls < 3
            ? throw new RpcException(RpcCode.Unavailable, "not yet")
            : new CancelRunResponse { Changed = true }).StartAsync();
        using var client = _server.Client();

        (await client.CancelAsync(RunA)).Changed.ShouldBeTrue();
        await client.CancelAsync(RunA);

        var ids = _server.Requests.Cast<CancelRunRequest>().Select(request => request.RequestId).ToList();
        ids.Count.ShouldBe(4);
        ids[..3].Distinct().ShouldHaveSingleItem().ShouldNotBeEmpty();
        ids[3].ShouldNotBe(ids[0]);
    }

    [Fact]
    public async Task TheCallersRequestId_IsKept()
    {
        await _server.On<TriggerRunRequest, Run>("TriggerRun", _ => new Run { Name = "runs/run-a" }).StartAsync();
        using var client = _server.Client();

        await client.TriggerAsync(new DagId("d"), new TriggerOptions
        {
            RequestId = "order-7",
            Why = "asked",
            LogicalDate = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Params = new JsonObject { ["rows"] = 10, ["exact"] = 9007199254740993, ["deep"] = new JsonArray(1, 9007199254740993) },
            ParamTexts = new Dictionary<string, string> { ["name"] = "x" },
        });

        var sent = _server.Requests.OfType<TriggerRunRequest>().ShouldHaveSingleItem();
        (sent.RequestId, sent.Why, sent.Dag).ShouldBe(("order-7", "asked", "dags/d"));
        sent.LogicalDate.ToDateTimeOffset().Year.ShouldBe(2024);
        sent.Params.Fields["rows"].NumberValue.ShouldBe(10);
        sent.ParamTexts.ShouldBe(new Dictionary<string, string> { ["name"] = "x", ["exact"] = "9007199254740993", ["deep"] = "[1,9007199254740993]" }, ignoreOrder: true);
    }

    [Fact]
    public async Task AnEmptyRequestId_IsNone()
    {
        await _server.On<CancelRunRequest, CancelRunResponse>("CancelRun", _ => new CancelRunResponse()).StartAsync();
        using var client = _server.Client();

        await client.CancelAsync(RunA, new CommandOptions { RequestId = "" });

        _server.Requests.OfType<CancelRunRequest>().ShouldHaveSingleItem().RequestId.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task AFile_GoesWithoutItsPath_UnlessItsTasksWorkInItsFolder()
    {
        await _server.On<ValidateDagRequest, DagReport>("ValidateDag", _ => new DagReport()).StartAsync();
        using var client = _server.Client();
        var file = DagFiles.GoldenFiles.Folder("samples", "hello", "dag.yaml");

        await client.ValidateAsync(await DagInput.FromFileAsync(file));
        await client.ValidateAsync(await DagInput.FromFileAsync(file, inItsFolder: true));

        _server.Requests.OfType<ValidateDagRequest>().Select(request => request.Source.Path).ShouldBe(["", file]);
    }

    [Fact]
    public async Task AClientThatIsDisposed_SaysSo_AndWaitsForNobody()
    {
        await _server.StartAsync();
        var client = _server.Client();
        client.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(client.GetRunAsync(RunA));
        await Should.ThrowAsync<ObjectDisposedException>(client.WaitAsync(RunA));
    }

    [Fact]
    public async Task OptionsThatAreChangedLater_ChangeNothing()
    {
        await _server.On<GetRunRequest, Run>("GetRun", _ => new Run()).StartAsync();
        var options = new FlowClientOptions { Addresses = { _server.Address }, NewRequestId = () => "made" };
        using var client = new FlowClient(options);

        options.Addresses.Clear();
        options.TokenFile = "/nowhere/token";

        await client.GetRunAsync(RunA);
    }

    [Fact]
    public async Task AnError_SaysAllThatTheServerSaid()
    {
        await _server.On<TriggerRunRequest, Run>("TriggerRun", _ => throw new RpcException(
            RpcCode.InvalidArgument,
            "the parameters are wrong",
            [
                new ErrorInfo { Domain = "orleansflow", Reason = "INVALID_PARAMS", Metadata = { ["dag"] = "d" } },
                new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "params.rows", Description = "must be a whole number" } } },
                new ResourceInfo { ResourceType = "Dag", ResourceName = "dags/d" },
                new RetryInfo { RetryDelay = new() { Seconds = 2 } },
            ])).StartAsync();
        using var client = _server.Client();

        var error = await Should.ThrowAsync<FlowException>(client.TriggerAsync(new DagId("d")));

        error.Reason.ShouldBe(ErrorReason.InvalidParams);
        error.Code.ShouldBe(RpcCode.InvalidArgument);
        error.Metadata["dag"].ShouldBe("d");
        error.Violations.ShouldBe([new FieldViolation("params.rows", "must be a whole number")]);
        error.Resource.ShouldBe(new FlowResource("Dag", "dags/d"));
        error.RetryDelay.ShouldBe(TimeSpan.FromSeconds(2));
        error.Message.ShouldContain("params.rows: must be a whole number");
    }

    [Theory]
    [InlineData(RpcCode.NotFound, "RUN_NOT_FOUND", typeof(FlowNotFoundException))]
    [InlineData(RpcCode.Unauthenticated, "TOKEN_INVALID", typeof(FlowAccessException))]
    [InlineData(RpcCode.PermissionDenied, "ROLE_TOO_LOW", typeof(FlowAccessException))]
    [InlineData(RpcCode.InvalidArgument, "INVALID_DAG", typeof(InvalidDagException))]
    [InlineData(RpcCode.FailedPrecondition, "COMMAND_REFUSED", typeof(FlowException))]
    [InlineData(RpcCode.FailedPrecondition, "NEWER_THAN_THIS_CLIENT", typeof(FlowException))]
    public async Task AReason_BecomesAType(RpcCode code, string reason, Type type)
    {
        await _server.On<GetRunRequest, Run>("GetRun", _ => throw new RpcException(
            code, "no", [new ErrorInfo { Domain = "orleansflow", Reason = reason }])).StartAsync();
        using var client = _server.Client();

        var error = await Should.ThrowAsync<FlowException>(client.GetRunAsync(RunA));

        error.GetType().ShouldBe(type);
        error.ReasonText.ShouldBe(reason);
        error.Message.ShouldStartWith("no");
    }

    [Fact]
    public void EveryReason_IsKnownByItsName()
    {
        foreach (var reason in ErrorReasonNames())
            ErrorReader.ReasonOf(reason["ERROR_REASON_".Length..]).ShouldNotBe(ErrorReason.Unspecified, reason);
    }

    [Fact]
    public async Task ADagThatIsRefused_ListsItsProblems()
    {
        var report = new DagReport { Problems = { new DagProblem { Severity = Severity.Error, Line = 3, Column = 5, Path = "tasks.a", Message = "does nothing" } } };
        await _server.On<ApplyDagRequest, ApplyDagResponse>("ApplyDag", _ => throw new RpcException(
            RpcCode.InvalidArgument, "d.yaml has an error", [new ErrorInfo { Domain = "orleansflow", Reason = "INVALID_DAG" }, new InvalidDag { Report = report }]))
            .StartAsync();
        using var client = _server.Client();

        var error = await Should.ThrowAsync<InvalidDagException>(client.ApplyAsync(DagInput.FromYaml("dag: d")));

        error.Problems.ShouldHaveSingleItem().Path.ShouldBe("tasks.a");
        error.Message.ShouldContain("3:5: tasks.a: does nothing");
    }

    [Fact]
    public async Task AServerThatIsNotThere_IsNamed()
    {
        using var client = _server.Client(options => options.MaxAttempts = 2);

        var error = await Should.ThrowAsync<FlowUnavailableException>(client.GetRunAsync(RunA));

        error.Message.ShouldContain(_server.Address);
        error.IsTransient.ShouldBeTrue();
        await Should.ThrowAsync<FlowUnavailableException>(client.WaitAsync(RunA));
    }

    [Fact]
    public async Task ATokenFile_IsReadAgain_WhenItChanges()
    {
        var file = Path.GetTempFileName();
        try
        {
            await _server.On<GetRunRequest, Run>("GetRun", _ => new Run()).StartAsync();
            await File.WriteAllTextAsync(file, "first\n");
            using var client = _server.Client(options => options.TokenFile = file);
            await client.GetRunAsync(RunA);
            await File.WriteAllTextAsync(file, "second\n");
            File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));

            await client.GetRunAsync(RunA);

            _server.Tokens.ShouldBe(["Bearer first", "Bearer second"]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task ATokenFileThatIsNotThere_IsNamed()
    {
        await _server.StartAsync();
        using var client = _server.Client(options => options.TokenFile = "/nowhere/token");

        (await Should.ThrowAsync<FlowException>(client.GetRunAsync(RunA))).Message.ShouldContain("/nowhere/token");
    }

    [Fact]
    public async Task Pages_AreFetched_AsTheyAreAskedFor()
    {
        await _server.On<ListRunsRequest, ListRunsResponse>("ListRuns", request => request.PageToken switch
        {
            "" => new ListRunsResponse { Runs = { new Run { Name = "runs/1" }, new Run { Name = "runs/2" } }, NextPageToken = "more" },
            "more" => new ListRunsResponse { Runs = { new Run { Name = "runs/3" } } },
            var other => throw new RpcException(RpcCode.InvalidArgument, other),
        }).StartAsync();
        using var client = _server.Client();

        (await client.ListRunsAsync().Take(2).Select(run => run.Name).ToListAsync()).ShouldBe(["runs/1", "runs/2"]);
        _server.Requests.Count.ShouldBe(1);
        (await client.ListRunsAsync(new RunQuery { Dag = new DagId("d") }).CountAsync()).ShouldBe(3);
        _server.Requests.OfType<ListRunsRequest>().Last().Dag.ShouldBe("dags/d");
    }

    [Fact]
    public void WrongOptions_AreTold_AllAtOnce()
    {
        var error = Should.Throw<ArgumentException>(() => new FlowClient(new FlowClientOptions
        {
            Token = "a",
            TokenFile = "b",
            Timeout = TimeSpan.Zero,
            Addresses = { "http://h:1/path", "http://flow.example:8233" },
            MaxAttempts = 0,
        }));

        foreach (var option in new[] { "TokenFile", "Timeout", "http://h:1/path", "flow.example:8233 would carry", "MaxAttempts" }) error.Message.ShouldContain(option);
    }

    [Fact]
    public async Task TheExtension_AddsOneClient()
    {
        await _server.On<GetSystemInfoRequest, SystemInfo>("GetSystemInfo", _ => new SystemInfo { Version = "1" }).StartAsync();
        var services = new ServiceCollection();
        services.AddFlowClient(options => options.Addresses.Add(_server.Address));
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<FlowClient>();

        client.ShouldBeSameAs(provider.GetRequiredService<FlowClient>());
        (await client.GetSystemInfoAsync()).Version.ShouldBe("1");
    }

    [Fact]
    public async Task OptionsOfAProgram_AreCheckedWhenItStarts_AndComeFromItsConfiguration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Flow:Addresses:0", "127.0.0.1:1"), new("Flow:Timeout", "-1")]).Build();
        var services = new ServiceCollection();
        services.AddFlowClient();
        services.AddFlowClient();
        services.Configure<FlowClientOptions>(configuration.GetSection("Flow"));
        await using var provider = services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        refused.Failures.ShouldHaveSingleItem().ShouldContain("Timeout");
        services.Count(service => service.ServiceType == typeof(FlowClient)).ShouldBe(1);
    }

    [Fact]
    public void AQueryOfLogsThatMakesNoSense_IsRefused_AtOnce()
    {
        using var client = _server.Client();

        Should.Throw<ArgumentException>(() => client.StreamLogsAsync(new LogQuery { Run = RunA, Tail = 0 }));
        Should.Throw<ArgumentException>(() => client.StreamLogsAsync(new LogQuery { Run = RunA, Epoch = 2 }));
    }

    [Theory]
    [InlineData("runs/r/tasks/t", "r", "t", -1)]
    [InlineData("runs/r/tasks/g.t/elements/7", "r", "g.t", 7)]
    [InlineData("runs/r/tasks/t/elements/0/artifacts/a/b", "r", "t", 0)]
    public void NamesOfTasks_AreRead(string name, string run, string task, int index) =>
        ResourceNames.Task(name).ShouldBe(new TaskKey(new RunId(run), new TaskId(task), index));

    [Theory]
    [InlineData("runs")]
    [InlineData("dags/d")]
    [InlineData("runs/r/tasks/")]
    public void NamesOfOtherThings_AreRefused(string name) => Should.Throw<FormatException>(() => ResourceNames.Task(name));

    private static IEnumerable<string> ErrorReasonNames() => ErrorsReflection.Descriptor.EnumTypes.Single(e => e.Name == "ErrorReason").Values
        .Where(value => value.Number != 0).Select(value => value.Name);
}
