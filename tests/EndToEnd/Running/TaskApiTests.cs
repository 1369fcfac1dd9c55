using System.Text.RegularExpressions;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

/// <summary>Tasks that talk to their host at <c>FLOW_API</c>, with curl and by gRPC.</summary>
public sealed partial class TaskApiTests
{
    private const string Call = "call() { curl -sS --fail-with-body --unix-socket \"${FLOW_API#unix://}\" -H 'content-type: application/json' "
        + "-d \"$2\" http://task/orleansflow.v1.AttemptService/$1; }; ";

    [Fact]
    public async Task TheExamplesOfThePage_Run_AndLaterTasksSeeWhatTheySent()
    {
        await using var flow = new Installation();
        var page = await File.ReadAllTextAsync(Path.Combine(FlowProgram.Root, "docs", "tasks.md"));
        var examples = string.Concat(Block().Matches(page).Select(block => block.Groups[1].Value));
        var file = flow.Dag("page.yaml", $$$"""
            dag: page
            tasks:
              send:
                shell: [bash, -euo, pipefail]
                outputs: [results/numbers.txt]
                script: |
                  {{{examples.ReplaceLineEndings("\n      ")}}}
              see:
                inputs: { numbers: send/results/numbers.txt }
                script: "seq {{ xcom.send.rows }} > %G/rows; cmp $FLOW_INPUTS/numbers <(seq 100000) && echo {{ xcom.send.region }} > %G/region"
                shell: [bash, -eu]
            """);

        var run = await flow.RunAsync(file);

        run.States.ShouldBe("see:success send:success");
        (flow.Read("region"), flow.Read("rows").Split('\n').Length).ShouldBe(("eu", 42));
        var folder = Path.Combine(flow.Root, "fetched");
        (await flow.OkAsync("tasks", "download", "@latest", "send", "--to", folder)).Out.ShouldContain("results/numbers.txt");
        (await File.ReadAllLinesAsync(Path.Combine(folder, "results", "numbers.txt"))).Length.ShouldBe(100000);
        (await flow.FlowAsync("tasks", "download", "@latest", "send", "number.txt")).Error.ShouldContain("has published no file 'number.txt'");
    }

    [Fact]
    public async Task Progress_IsSeenWhereverTheTaskIsShown_AndStopsAreTold()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await server.ApplyAsync(
            $$$"""
            dag: progress
            tasks:
              work:
                grace_period: 100s
                script: |
                  {{{Call}}} call ReportProgress '{"progress": {"fraction": 0.25, "message": "one of four"}}'
                  echo $FLOW_API > {{{flow.Gates}}}/api.part; mv {{{flow.Gates}}}/api.part {{{flow.Gates}}}/api
                  trap 'until [ -e {{{flow.Gates}}}/read ]; do sleep 0.05; done; exit 3' TERM; while :; do sleep 0.05; done
            """);
        var name = (await server.CallAsync("RunService/TriggerRun", """{"dag": "dags/progress"}"""))["name"]!.GetValue<string>();
        await flow.OpenedAsync("api");

        // it is kept beside the work, a moment later
        var progress = await Eventually.FindAsync(
            async () => (await server.CallAsync("TaskService/GetTaskInstance", $$"""{"name": "{{name}}/tasks/work"}"""))["progress"], "the task has said how far it is");
        (progress["fraction"]!.GetValue<double>(), progress["message"]!.GetValue<string>()).ShouldBe((0.25, "one of four"));
        (await flow.OkAsync("tasks", "list", "@latest")).Out.ShouldContain("25 % one of four");
        (await flow.OkAsync("tasks", "show", "@latest", "work")).Out.ShouldContain("25 % one of four");
        (await flow.OkAsync("runs", "show", "@latest")).Out.ShouldContain("25 % one of four");
        (await flow.OkAsync("why", "@latest", "work")).Out.ShouldContain("it says: 25 % one of four");

        using var channel = new RpcChannel(flow.Read("api"), new RpcChannelOptions());
        var stops = channel.ServerStreaming(Method<WatchAttemptRequest, WatchAttemptResponse>("WatchAttempt"), new WatchAttemptRequest()).GetAsyncEnumerator();
        (await stops.MoveNextAsync()).ShouldBeTrue();
        stops.Current.Stop.ShouldBeNull();
        await channel.UnaryAsync(
            Method<ReportProgressRequest, ReportProgressResponse>("ReportProgress"), new ReportProgressRequest { Progress = new() { Fraction = 0.5, Message = "half" } });
        await foreach (var watched in server.WatchAsync(name))
            if (watched.Tasks.Values.Single().Progress is { Message: "half" })
                break;

        await server.CallAsync("RunService/CancelRun", $$"""{"name": "{{name}}"}""");
        (await stops.MoveNextAsync()).ShouldBeTrue();
        stops.Current.Stop.Reason.ShouldBe(StopReason.Cancel);
        // who watches from outside is not waited for, as the task's own processes are
        flow.Open("read");
        (await server.EndOfAsync(name)).Tasks.Values.Single().Progress.ShouldBeNull("it goes with its attempt");
        File.Exists(flow.Read("api")["unix://".Length..]).ShouldBeFalse("the socket goes too");
    }

    [Fact]
    public async Task Progress_OfARunWithoutAServer_IsSeenByOtherCommands()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("alone.yaml", $$$"""
            dag: alone
            tasks:
              work:
                script: |
                  {{{Call}}} call ReportProgress '{"progress": {"fraction": 0.25, "message": "one of four"}}'
                  while [ ! -e %G/seen ]; do sleep 0.05; done
            """));
        await host.SaysAsync("work: running");

        await Eventually.TrueAsync(
            async () => (await flow.OkAsync("tasks", "list", "@latest")).Out.Contains("25 % one of four", StringComparison.Ordinal), "another process sees how far it is");
        flow.Open("seen");

        (await host.EndAsync()).ExitCode.ShouldBe(0, host.Error);
        (await flow.OkAsync("tasks", "list", "@latest")).Out.ShouldNotContain("one of four");
    }

    [Fact]
    public async Task WrongRequests_AreToldWhatIsWrong()
    {
        await using var flow = new Installation();
        var run = await flow.RunAsync(flow.Dag("wrong.yaml", $$$"""
            dag: wrong
            tasks:
              ask:
                script: |
                  {{{Call}}} ask() { call "$@" >> %G/answers || true; echo >> %G/answers; }
                  ask PutXcoms '{"valuesJson": {"rows": "nope"}}'
                  ask ReportProgress '{"progress": {"fraction": 2}}'
                  ask ReportProgress '{"progres": {}}'
                  ask SaveCheckpoint '{"number": 7}'
                  ask CompleteAttempt '{"exitCode": 0}'
                  ask Heartbeat '{"attempt": {"name": "runs/other/tasks/ask/attempts/1"}}'
                  curl -sS --unix-socket "${FLOW_API#unix://}" -H 'content-type: application/json' -d '{}' http://task/orleansflow.v1.RunService/ListRuns >> %G/answers
            """));

        run.States.ShouldBe("ask:success");
        var answers = flow.Read("answers").Split('\n');
        answers[0].ShouldContain("is not valid JSON");
        answers[1].ShouldContain("not a part from 0 to 1");
        answers[2].ShouldContain("progres");
        answers[3].ShouldContain("upload its files first");
        answers[4].ShouldContain("exit with the code that says how it went");
        answers[5].ShouldContain("ATTEMPT_STALE");
        answers[6].ShouldContain("There is no method");
    }

    [Fact]
    public async Task AKilledHost_LosesNothing_ThatATaskWasSending()
    {
        await using var flow = new Installation();
        var host = await flow.StartAsync("run", flow.Dag("loop.yaml", $$$"""
            dag: loop
            tasks:
              send:
                script: |
                  {{{Call}}} call PutXcoms "{\"valuesJson\": {\"epoch\": \"$FLOW_EPOCH\"}}"
                  if [ $FLOW_EPOCH = 1 ]; then
                    while call ReportProgress '{"progress": {"message": "sending"}}' && call PutXcoms '{"valuesJson": {"first": "1"}}'; do touch %G/sending; done
                    sleep 1000
                  fi
              see: { needs: [send], script: "echo {{ xcom.send.epoch }} > %G/epoch" }
            """));
        await flow.OpenedAsync("sending");

        await host.KillAsync();
        (await flow.FlowAsync("runs", "watch", "@latest")).ExitCode.ShouldBe(0);

        var run = await flow.ShowAsync("@latest");
        run.States.ShouldBe("see:success send:success");
        run["send"].Causes.ShouldBe("host_lost none");
        flow.Read("epoch").ShouldBe("2");
    }

    [Fact]
    public async Task ATaskThatFloods_HarmsNobody()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await server.ApplyAsync(
            $$$"""
            dag: flood
            tasks:
              flood:
                shell: [bash]
                script: |
                  {{{Call}}}
                  big=$(head -c 45000 /dev/zero | tr '\0' x)
                  echo "{\"valuesJson\": {\"a\": \"\\\"$big\\\"\"}}" > big.json
                  for i in $(seq 60); do
                    (while [ ! -e {{{flow.Gates}}}/enough ]; do
                      curl -s --unix-socket "${FLOW_API#unix://}" -H 'content-type: application/json' -d @big.json http://task/orleansflow.v1.AttemptService/PutXcoms
                      curl -s --max-time 1 --unix-socket "${FLOW_API#unix://}" -H 'content-type: application/json' -d '{}' http://task/orleansflow.v1.AttemptService/Nothing
                      echo garbage | curl -s --max-time 1 --unix-socket "${FLOW_API#unix://}" telnet://task:80
                      touch {{{flow.Gates}}}/flooding
                    done) > /dev/null 2>&1 &
                  done
                  wait
              good:
                script: |
                  until [ -e {{{flow.Gates}}}/flooding ]; do sleep 0.02; done
                  {{{Call}}} for i in 1 2 3 4 5 6 7 8 9 10; do call PutXcoms "{\"valuesJson\": {\"n$i\": \"$i\"}}" || exit 1; done
                  touch {{{flow.Gates}}}/good
            """);
        var name = (await server.CallAsync("RunService/TriggerRun", """{"dag": "dags/flood"}"""))["name"]!.GetValue<string>();
        await flow.OpenedAsync("good");
        await server.CallAsync("SystemService/GetHealth", "{}");
        flow.Open("enough");

        var run = await server.EndOfAsync(name);
        run.Tasks.Values.ShouldAllBe(task => task.State == TaskState.Success);
        var xcoms = (await server.CallAsync("TaskService/ListXcoms", $$"""{"parent": "{{name}}"}"""))["xcoms"]!.AsArray();
        xcoms.Select(xcom => xcom!["key"]!.GetValue<string>()).Order(StringComparer.Ordinal)
            .ShouldBe(["a", "n1", "n10", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"]);
    }

    private static RpcMethod<TRequest, TResponse> Method<TRequest, TResponse>(string name)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        RpcMethod.Of<TRequest, TResponse>(AttemptServiceReflection.Descriptor.Services[0], name);

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
