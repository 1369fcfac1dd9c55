using System.Net;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Replicas;

/// <summary>The API of a server that stands by.</summary>
public sealed class StandbyApiTests
{
    private const string Waiting = """
        dag: waiting
        tasks:
          wait: { script: "echo begun; touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done" }
        """;

    [Fact]
    public async Task Commands_AreDone_AndWatchersSeeThem()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();

        var run = await replicas.TriggerAsync(standby, Waiting);
        await replicas.Home.OpenedAsync("started");
        (await active.CallAsync("RunService/GetRun", $$"""{"name": "{{run}}"}"""))["state"]!.GetValue<string>().ShouldBe("RUN_STATE_RUNNING");
        (await standby.CallAsync("DagService/PauseDag", """{"name": "dags/waiting"}"""))["changed"]!.GetValue<bool>().ShouldBeTrue();
        (await standby.CallAsync("PoolService/UpdatePool", """{"pool": {"name": "pools/gpu", "slots": 2}, "allowMissing": true}"""))["slots"]!.GetValue<int>().ShouldBe(2);
        (await standby.CallAsync("RunService/CancelRun", $$"""{"name": "{{run}}"}"""))["changed"]!.GetValue<bool>().ShouldBeTrue();

        (await standby.EndOfAsync(run)).Run.State.ToString().ShouldBe("Cancelled");
        var records = await standby.CallAsync("LogService/ListLogRecords", $$"""{"parent": "{{run}}/tasks/wait/attempts/latest"}""");
        records["logRecords"]!.ToJsonString().ShouldContain("begun");
        replicas.Home.Open("go");
        (await standby.CallAsync("DagService/UnpauseDag", """{"name": "dags/waiting"}"""))["changed"]!.GetValue<bool>().ShouldBeTrue();
        (await standby.CallAsync("RunService/RerunRun", $$"""{"name": "{{run}}"}"""))["clearedCount"]!.GetValue<int>().ShouldBe(1);
        (await standby.EndOfAsync(run)).Run.State.ToString().ShouldBe("Success");
    }

    [Fact]
    public async Task ARequest_IsDoneOnce_WhicheverServerHearsIt_AndIsRefusedForAnotherCommand()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        await active.ApplyAsync("dag: quick\ntasks: { only: { noop: {} } }\n");
        const string trigger = """{"dag": "dags/quick", "requestId": "r-1"}""";

        var run = (await standby.CallAsync("RunService/TriggerRun", trigger))["name"]!.GetValue<string>();

        (await active.CallAsync("RunService/TriggerRun", trigger))["name"]!.GetValue<string>().ShouldBe(run);
        (await standby.CallAsync("RunService/TriggerRun", trigger))["name"]!.GetValue<string>().ShouldBe(run);
        var (status, answer) = await standby.TryAsync("DagService/PauseDag", """{"name": "dags/quick", "requestId": "r-1"}""");
        status.ShouldBe(HttpStatusCode.BadRequest);
        answer.ToJsonString().ShouldContain("REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task CommandsThatNobodyCanDo_WaitForTheNextHost_AndAreDoneOnce()
    {
        await using var replicas = await Replicas.StartAsync();
        var (active, standby) = await replicas.AddTwoAsync();
        await active.ApplyAsync("dag: quick\ntasks: { only: { noop: {} } }\n");

        active.Process.Send(Signals.Stop);
        var named = standby.CallAsync("RunService/TriggerRun", """{"dag": "dags/quick", "requestId": "r-1", "runId": "named"}""");
        var unnamed = standby.CallAsync("RunService/TriggerRun", """{"dag": "dags/quick"}""");
        var runs = (await Task.WhenAll(named, unnamed)).Select(run => run["name"]!.GetValue<string>()).ToArray();
        active.Process.Send(Signals.Continue);
        await Replicas.FencedAsync(active);

        foreach (var run in runs) (await active.EndOfAsync(run)).Run.State.ToString().ShouldBe("Success");
        var all = await active.CallAsync("RunService/ListRuns", """{"dag": "dags/quick"}""");
        all["runs"]!.AsArray().Select(run => run!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)
            .ShouldBe(runs.Order(StringComparer.Ordinal), "what the host that hung had been asked is done by one of them");
    }

    [Fact]
    public async Task AHostThatKnowsNothingOfTheDatabase_CommandsNobody()
    {
        await using var replicas = await Replicas.StartAsync();
        var active = await replicas.AddAsync();
        await Replicas.InChargeAsync(active);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{active.Grpc}/flow.peers/dag/set_paused?key=quick")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("""{"Paused":true}"""),
        };
        request.Headers.Authorization = new("Peer", "guessed");

        using var response = await http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
