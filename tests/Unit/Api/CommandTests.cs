using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Tests.Unit.Api.Fakes;
using OrleansFlow.Tests.Unit.Scheduling.Coordinators;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Commands by the API over a real engine: a repeat gets the first answer, whatever has happened since.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly Installation _flow = new();
    private ApiHost? _host;

    private ApiHost Host => _host!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_flow.Store, _flow.Peers);

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await _flow.DisposeAsync();
    }

    [Fact]
    public async Task ARepeatedTrigger_GetsItsRun_ThoughTheDagAsksForOtherParametersNow()
    {
        await ApplyAsync("dag: etl\nparams:\n  rows: { type: integer, default: 1 }\ntasks:\n  one: { script: \"true\" }\n");
        var request = new TriggerRunRequest { Dag = "dags/etl", RequestId = "once", ParamTexts = { ["rows"] = "5" } };
        var run = await Host.CallAsync(RunMethods.Trigger, request);
        await ApplyAsync("dag: etl\nparams:\n  lines: { type: string }\ntasks:\n  one: { script: \"true\" }\n");
        (await Host.CallAsync(RunMethods.Trigger, request)).Name.ShouldBe(run.Name);
        (await FailsAsync(Host.CallAsync(RunMethods.Trigger, new TriggerRunRequest(request) { RequestId = "another" }))).ShouldBe("INVALID_PARAMS");
        var other = new TriggerRunRequest { Dag = "dags/etl", RequestId = "once", ParamTexts = { ["lines"] = "5" } };
        (await FailsAsync(Host.CallAsync(RunMethods.Trigger, other))).ShouldBe("REQUEST_ID_REUSED");
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public async Task AParameterThatNobodyCouldReadAgain_IsRefused(int depth, bool allowed)
    {
        await ApplyAsync("dag: etl\nparams:\n  rows: { type: array }\ntasks:\n  one: { script: \"true\" }\n");
        var text = new string('[', 1) + string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "1" + new string('}', depth - 1) + "]";
        var call = Host.CallAsync(RunMethods.Trigger, new TriggerRunRequest { Dag = "dags/etl", ParamTexts = { ["rows"] = text } });
        if (!allowed) (await FailsAsync(call)).ShouldBe("INVALID_PARAMS");
        else await call;
        (await Host.CallAsync(RunMethods.List, new ListRunsRequest())).Runs.Count.ShouldBe(allowed ? 1 : 0);
    }

    [Fact]
    public async Task AParameterOfNoKind_IsTheCallersMistake()
    {
        await ApplyAsync("dag: etl\nparams:\n  rows: { type: array }\ntasks:\n  one: { script: \"true\" }\n");
        var request = new TriggerRunRequest { Dag = "dags/etl", Params = new Struct { Fields = { ["rows"] = new Value() } } };
        (await FailsAsync(Host.CallAsync(RunMethods.Trigger, request))).ShouldBe("INVALID_REQUEST");
    }

    [Fact]
    public async Task ARepeatedCancel_SaysThatItChangedSomething_AndAnotherOneDoesNot()
    {
        var run = await TriggerAsync();
        await _flow.RunAsync(new RunId(run.Name["runs/".Length..]), OrleansFlow.Domain.Runs.RunState.Running);
        (await CancelAsync("first")).ShouldBeTrue();
        (await CancelAsync("first")).ShouldBeTrue();
        (await CancelAsync("second")).ShouldBeFalse();

        async Task<bool> CancelAsync(string request) =>
            (await Host.CallAsync(RunMethods.Cancel, new CancelRunRequest { Name = run.Name, RequestId = request })).Changed;
    }

    [Fact]
    public async Task ARepeatedRerun_GetsTheCursorOfItsFirst()
    {
        var run = await TriggerAsync();
        var id = new RunId(run.Name["runs/".Length..]);
        await _flow.RunAsync(id, OrleansFlow.Domain.Runs.RunState.Running);
        await Host.CallAsync(RunMethods.Cancel, new CancelRunRequest { Name = run.Name });
        await _flow.RunAsync(id, OrleansFlow.Domain.Runs.RunState.Cancelled);
        var request = new RerunRunRequest { Name = run.Name, RequestId = "again" };
        var first = await Host.CallAsync(RunMethods.Rerun, request);
        var repeat = await Host.CallAsync(RunMethods.Rerun, request);
        (repeat.EventsCursor, repeat.ClearedCount).ShouldBe((first.EventsCursor, first.ClearedCount));
        await foreach (var message in Host.Open(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = run.Name, Cursor = repeat.EventsCursor }))
        {
            message.Events.ShouldContain(entry => entry.Kind == "cleared");
            break;
        }
    }

    [Fact]
    public async Task ADescription_LeavesTheSlots_AndItsRepeatToo()
    {
        var create = new UpdatePoolRequest { Pool = new Pool { Name = "pools/gpu", Slots = 3 }, AllowMissing = true };
        await Host.CallAsync(PoolMethods.Update, create);
        var describe = new UpdatePoolRequest
        {
            Pool = new Pool { Name = "pools/gpu", Description = "cards" }, UpdateMask = new FieldMask { Paths = { "description" } }, RequestId = "describe",
        };
        (await Host.CallAsync(PoolMethods.Update, describe)).Slots.ShouldBe(3);
        await Host.CallAsync(PoolMethods.Update, new UpdatePoolRequest { Pool = new Pool { Name = "pools/gpu", Slots = 5 } });
        var repeat = await Host.CallAsync(PoolMethods.Update, describe);
        (repeat.Slots, repeat.Description).ShouldBe((5, "cards"));
    }

    [Fact]
    public async Task ATrigger_CountsNoRuns_HoweverManyItsDagHas()
    {
        var counts = 0;
        await using var host = await ApiHost.StartAsync(_flow.Store, _flow.Peers, parts => parts with
        {
            Pages = Intercept.Of<IPagedQueries>(_flow.Store, (method, _) =>
            {
                if (method.Name == nameof(IPagedQueries.PageDagsAsync)) counts++;
                return null;
            }),
        });
        await ApplyAsync("dag: etl\ntasks:\n  one: { script: \"true\" }\n");
        await host.CallAsync(RunMethods.Trigger, new TriggerRunRequest { Dag = "dags/etl" });
        (await host.CallAsync(RunMethods.List, new ListRunsRequest { Dag = "dags/etl" })).Runs.Count.ShouldBe(1);
        counts.ShouldBe(0);
    }

    private async Task<Run> TriggerAsync()
    {
        await ApplyAsync("dag: etl\ntasks:\n  one: { script: \"true\" }\n");
        return await Host.CallAsync(RunMethods.Trigger, new TriggerRunRequest { Dag = "dags/etl" });
    }

    private Task<ApplyDagResponse> ApplyAsync(string yaml) =>
        Host.CallAsync(DagMethods.Apply, new ApplyDagRequest { Source = new DagSource { Yaml = ByteString.CopyFromUtf8(yaml) } });

    private static async Task<string> FailsAsync(Task call) => (await Should.ThrowAsync<RpcException>(call)).Detail<ErrorInfo>()!.Reason;
}
