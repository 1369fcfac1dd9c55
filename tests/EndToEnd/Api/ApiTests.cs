using System.Net;
using System.Text;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>A real <c>flow dev</c>, called by JSON and by gRPC.</summary>
public sealed class ApiTests
{
    private const string Waiting =
        """
        dag: waiting
        tasks:
          wait: { script: "echo begun; touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done; echo done" }
          after: { needs: [wait], script: "true" }
        """;

    [Fact]
    public async Task ARun_IsTriggered_Watched_AndRead_ToItsEnd()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        (await server.ApplyAsync(Waiting.Replace("%G", flow.Gates, StringComparison.Ordinal))).ShouldBe("dags/waiting");
        const string trigger = """{"dag": "dags/waiting", "requestId": "once"}""";
        var name = (await server.CallAsync("RunService/TriggerRun", trigger))["name"]!.GetValue<string>();
        (await server.CallAsync("RunService/TriggerRun", trigger))["name"]!.GetValue<string>().ShouldBe(name);
        await flow.OpenedAsync("started");

        var watching = server.WatchAsync(name).GetAsyncEnumerator();
        (await watching.MoveNextAsync()).ShouldBeTrue();
        var watched = watching.Current;
        watched.WasSnapshot.ShouldBeTrue();
        flow.Open("go");
        while (await watching.MoveNextAsync())
        {
        }

        watched.Run.State.ShouldBe(RunState.Success);
        watched.Tasks.Values.ShouldAllBe(task => task.State == TaskState.Success);
        var again = new List<(bool, int)>();
        await foreach (var later in server.WatchAsync(name, watched.Cursor)) again.Add((later.WasSnapshot, later.Tasks.Count));
        again.ShouldHaveSingleItem().ShouldBe((false, 0));
        var records = (await server.CallAsync("LogService/ListLogRecords", $$"""{"parent": "{{name}}/tasks/wait/attempts/latest"}"""))["logRecords"]!.AsArray();
        records.Select(record => record!["text"]!.GetValue<string>()).ShouldBe(["begun", "done"]);
        var events = (await server.CallAsync("RunService/ListRunEvents", $$"""{"parent": "{{name}}", "pageSize": 1000}"""))["events"]!.AsArray();
        events[0]!["actor"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task ACancelledRun_Ends_AndPoolsAreChanged()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await server.ApplyAsync(Waiting.Replace("%G", flow.Gates, StringComparison.Ordinal));
        var name = (await server.CallAsync("RunService/TriggerRun", """{"dag": "dags/waiting"}"""))["name"]!.GetValue<string>();
        await flow.OpenedAsync("started");
        (await server.CallAsync("RunService/CancelRun", $$"""{"name": "{{name}}"}"""))["changed"]!.GetValue<bool>().ShouldBeTrue();
        (await server.EndOfAsync(name)).Run.State.ShouldBe(RunState.Cancelled);

        (await server.TryAsync("PoolService/UpdatePool", """{"pool": {"name": "pools/gpu", "slots": 2}}""")).Status.ShouldBe(HttpStatusCode.NotFound);
        var pool = await server.CallAsync("PoolService/UpdatePool", """{"pool": {"name": "pools/gpu", "slots": 2}, "allowMissing": true}""");
        pool["slots"]!.GetValue<int>().ShouldBe(2);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task AnXcomOfAnySize_CanBeRead(int length)
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await server.ApplyAsync($$$"""
            dag: values
            tasks:
              make: { shell: [python3], script: "import json, os; json.dump({'a//b': 'x' * {{{length}}}}, open(os.environ['FLOW_XCOM'], 'w'))" }
            """);
        var run = (await server.CallAsync("RunService/TriggerRun", """{"dag": "dags/values"}"""))["name"]!.GetValue<string>();
        (await server.EndOfAsync(run)).Run.State.ShouldBe(RunState.Success);

        var name = $"{run}/tasks/make/xcoms/a//b";
        var service = TaskServiceReflection.Descriptor.Services[0];
        var get = RpcMethod.Of<GetXcomRequest, Xcom>(service, "GetXcom");
        var value = await server.Channel.UnaryAsync(get, new GetXcomRequest { Name = name });
        var json = $"\"{new string('x', length)}\"";
        value.SizeBytes.ShouldBe(json.Length);
        value.ValueJson.ShouldBe(length < 48 * 1024 ? json : "");

        var download = RpcMethod.Of<DownloadArtifactRequest, DownloadArtifactResponse>(service, "DownloadArtifact");
        var content = new StringBuilder();
        await foreach (var piece in server.Channel.ServerStreaming(download, new DownloadArtifactRequest { Name = name, Offset = 1 }))
            content.Append(piece.Data.ToStringUtf8());
        content.ToString().ShouldBe(json[1..]);
    }

    [Fact]
    public async Task Errors_NameEverything_WithTypedDetails()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        var list = RpcMethod.Of<ListRunsRequest, ListRunsResponse>(RunServiceReflection.Descriptor.Services[0], "ListRuns");
        var request = new ListRunsRequest { PageSize = -1, Dag = "etl", States = { RunState.Unspecified } };
        var wrong = await Should.ThrowAsync<RpcException>(server.Channel.UnaryAsync(list, request));
        wrong.Code.ShouldBe(RpcCode.InvalidArgument);
        wrong.Detail<ErrorInfo>()!.Reason.ShouldBe("INVALID_REQUEST");
        wrong.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field).ShouldBe(["page_size", "dag", "states[0]"], ignoreOrder: true);

        var get = RpcMethod.Of<GetRunRequest, Run>(RunServiceReflection.Descriptor.Services[0], "GetRun");
        var missing = await Should.ThrowAsync<RpcException>(server.Channel.UnaryAsync(get, new GetRunRequest { Name = "runs/none" }));
        (missing.Code, missing.Detail<ErrorInfo>()!.Reason, missing.Detail<ResourceInfo>()!.ResourceName).ShouldBe((RpcCode.NotFound, "RUN_NOT_FOUND", "runs/none"));

        await server.ApplyAsync("dag: open\nparams: { x: {} }\ntasks: { t: { noop: {} } }\n");
        foreach (var depth in (int[])[21, 60])
        {
            var deep = new string('[', depth) + new string(']', depth);
            var (status, refused) = await server.TryAsync("RunService/TriggerRun", $$"""{"dag": "dags/open", "params": {"x": {{deep}}}, "requestId": "deep-{{depth}}"}""");
            (status, refused["code"]!.GetValue<string>()).ShouldBe((HttpStatusCode.BadRequest, "invalid_argument"), refused.ToJsonString());
            refused["message"]!.GetValue<string>().ShouldContain("nested more than 20 deep");
        }

        (await server.TryAsync("CapacityService/ListCapacityClasses", "{}")).Status.ShouldBe(HttpStatusCode.NotImplemented);
    }

    [Fact]
    public async Task ALogWhoseTimeIsOver_IsSaidToBeGone()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await server.ApplyAsync("dag: brief\ntasks:\n  speak: { script: \"echo hello\" }\n");
        var name = (await server.CallAsync("RunService/TriggerRun", """{"dag": "dags/brief", "runId": "brief-1"}"""))["name"]!.GetValue<string>();
        await server.EndOfAsync(name);
        var list = $$"""{"parent": "{{name}}/tasks/speak/attempts/latest"}""";
        var kept = await server.CallAsync("LogService/ListLogRecords", list);
        (kept["logRecords"]!.AsArray().Count, kept["removed"]).ShouldBe((1, null));

        // As the housekeeping leaves it.
        var logs = Path.Combine(flow.Data, "logs");
        foreach (var folder in Directory.GetDirectories(logs)) Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(logs, "removed-before"), TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"));
        (await server.CallAsync("LogService/ListLogRecords", list))["removed"]!.GetValue<bool>().ShouldBeTrue();
        string[] told = ["logs", "brief-1", "--server", server.Grpc, "--token-file", Path.Combine(flow.Data, "api.token")];
        (await flow.OkAsync(told)).Error.ShouldContain("was removed: logs are kept for a time");
        (await flow.OkAsync([.. told, "--follow"])).Error.ShouldContain("was removed: logs are kept for a time");
    }

    [Fact]
    public async Task AKilledServer_ComesBack_AndTheRunGoesOn_ForThoseWhoWait()
    {
        await using var flow = new Installation();
        using var first = await ApiServer.StartAsync(flow);
        await first.ApplyAsync(Waiting.Replace("%G", flow.Gates, StringComparison.Ordinal));
        var name = (await first.CallAsync("RunService/TriggerRun", """{"dag": "dags/waiting"}"""))["name"]!.GetValue<string>();
        await flow.OpenedAsync("started");
        var watching = first.WatchAsync(name).GetAsyncEnumerator();
        (await watching.MoveNextAsync()).ShouldBeTrue();
        var cursor = watching.Current.Cursor;
        await first.Process.KillAsync();
        await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await watching.MoveNextAsync())
            {
            }
        });

        flow.Open("go");
        using var second = await ApiServer.StartAsync(flow);
        second.Token.ShouldBe(first.Token);
        WatchedRun? last = null;
        await foreach (var watched in second.WatchAsync(name, cursor)) last = watched;
        last!.Run.State.ShouldBe(RunState.Success);
    }
}
