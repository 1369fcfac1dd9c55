using System.Text.Json.Nodes;
using ClientSample;
using OrleansFlow.Client;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Servers;

/// <summary>The command line against a real <c>flow dev</c>, which it knows by its address only.</summary>
public sealed class ServerCommandsTests
{
    /// <summary>Waits for a gate, then fails until another one is open.</summary>
    private const string Fragile = """
        dag: fragile
        tasks:
          wait: { script: "echo begun; touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done; echo done" }
          last: { needs: [wait], script: "[ -e %G/mended ]" }
        """;

    [Fact]
    public async Task ADag_IsApplied_Run_Explained_Followed_AndRunAgain()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        await using var user = UserOf(home, server);
        var file = user.Dag("fragile.yaml", Fragile.Replace("%G", home.Gates, StringComparison.Ordinal));

        (await user.OkAsync("dags", "apply", file)).Out.ShouldContain("created");
        var run = JsonNode.Parse((await user.OkAsync("dags", "trigger", "fragile", "--no-wait", "-o", "json")).Out)!["run"]!.GetValue<string>();
        await home.OpenedAsync("started");
        (await user.OkAsync("why", run, "last")).Out.ShouldContain("wait");
        var following = await user.StartAsync("logs", run, "wait", "-f");
        await following.PrintsAsync("begun");
        home.Open("go");
        (await following.EndAsync()).ShouldSatisfyAllConditions(end => end.ExitCode.ShouldBe(0, end.Everything), end => end.Out.ShouldBe("begun\ndone\n"));

        (await user.FlowAsync("runs", "watch", run)).ExitCode.ShouldBe(1);
        (await user.ShowAsync(run)).States.ShouldBe("last:failed wait:success");
        (await user.OkAsync("why", run, "last")).Out.ShouldContain("what to do");
        home.Open("mended");
        var again = await user.FlowAsync("runs", "rerun", run, "--failed");
        again.ExitCode.ShouldBe(0, again.Everything);
        (await user.ShowAsync(run)).States.ShouldBe("last:success wait:success");
        Directory.Exists(user.Data).ShouldBeFalse("nothing is kept where the commands run");
    }

    [Fact]
    public async Task AFileThatIsWrong_IsToldTheSame_ByAServerAndWithoutOne()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        await using var user = UserOf(home, server);
        await using var alone = new Installation();
        var fields = user.Dag("fields.yaml", "dag: d\ntaks: 1\ntasks:\n  a: { comand: [x] }\n  b: { needs: [c], noop: {} }\n");
        var many = user.Dag("many.yaml", "dag: d\ntasks:\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"  t{i}: {{ comand: [x] }}\n")));
        var yaml = user.Dag("yaml.yaml", "dag: [\n");
        var given = user.Dag("given.yaml", "dag: d\nparams: { rows: { type: integer } }\ntasks: { a: { noop: {} } }\n");
        var open = user.Dag("open.yaml", "dag: d\nparams: { x: { type: number, default: 1 }, o: { type: object, default: {} } }\ntasks: { a: { noop: {} } }\n");
        var beyond = user.Dag("beyond.json", """{"x":1e400}""");
        var half = user.Dag("half.json", """{"o":{"a":"\ud83d"}}""");
        string[][] commands =
        [
            ["run", fields], ["run", many], ["run", yaml], ["run", given], ["run", given, "-p", "rows=many"], ["run", given, "-p", "rws=1"],
            ["run", open, "-p", "x=1e400"], ["run", open, "--params-file", beyond], ["run", open, "-p", """o={"a":1,"a":2}"""],
            ["run", open, "-p", """o={"a":"\ud83d"}"""], ["run", open, "--params-file", half],
        ];
        foreach (var command in commands)
        {
            var (asked, own) = (await user.FlowAsync(command), await alone.FlowAsync(command));

            asked.ExitCode.ShouldBe(2, asked.Everything);
            asked.Error.ShouldBe(own.Error);
        }

        string[] tooMuch = ["run", given, .. Enumerable.Range(0, 40).SelectMany(i => (string[])["-p", $"x{i}=1"])];
        (await user.FlowAsync(tooMuch)).Error.ShouldEndWith("; and 21 more\n", customMessage: "an error travels in headers, and holds twenty");
        (await user.OkAsync("runs", "list", "-o", "json")).Out.Trim().ShouldBe("[]");
    }

    [Fact]
    public async Task ARun_IsCancelled_AtAServerThatAContextNames()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        await using var user = UserOf(home, server);
        user.Environment.Remove("FLOW_SERVER");
        user.Environment.Remove("FLOW_TOKEN_FILE");
        await user.OkAsync("context", "add", "dev", "--server", server.Grpc, "--token-file", Path.Combine(home.Data, "api.token"));
        var running = await user.StartAsync("run", user.Dag("fragile.yaml", Fragile.Replace("%G", home.Gates, StringComparison.Ordinal)), "--context", "dev");
        await home.OpenedAsync("started");

        (await user.OkAsync("runs", "cancel", "@latest", "--context", "dev", "-o", "json")).Out.ShouldContain("\"cancelled\"");

        (await running.EndAsync()).ExitCode.ShouldBe(1);
        (await home.ShowAsync("@latest")).State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task TheServerOfADataFolder_IsFoundAgain_OnAnotherPort()
    {
        await using var home = new Installation();
        using var first = await ApiServer.StartAsync(home);
        home.Open("mended");
        var running = await home.StartAsync("run", home.Dag("fragile.yaml", Fragile));
        await home.OpenedAsync("started");

        await first.Process.KillAsync();
        await running.SaysAsync("Waiting for it");
        using var second = await ApiServer.StartAsync(home, port: Ports.FreeBeside(first.Grpc));
        home.Open("go");

        (await running.EndAsync()).ShouldSatisfyAllConditions(
            end => end.ExitCode.ShouldBe(0, end.Everything), end => end.Error.ShouldContain($"{second.Grpc} is back"));
        second.Grpc.ShouldNotBe(first.Grpc);
    }

    [Fact]
    public async Task AStreamInWhichNothingHappens_IsTaken_AtOnce()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        await home.OkAsync("dags", "apply", home.Dag("fragile.yaml", Fragile));
        await home.OkAsync("dags", "trigger", "fragile", "--no-wait");
        await home.OpenedAsync("started");
        var name = (await home.ShowAsync("@latest")).Run;
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var logs = RpcMethod.Of<StreamLogsRequest, StreamLogsResponse>(LogServiceReflection.Descriptor.Services[0], "StreamLogs");
        using var stop = new CancellationTokenSource();
        var stream = server.Channel.ServerStreaming(
            logs, new StreamLogsRequest { Name = $"runs/{name}/tasks/last", Follow = true }, new RpcCallOptions { Opened = taken.SetResult }, stop.Token).GetAsyncEnumerator();

        var first = stream.MoveNextAsync().AsTask();
        await taken.Task.WaitAsync(Eventually.Ceiling);

        first.IsCompleted.ShouldBeFalse("the task has not begun");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await stream.DisposeAsync();
    }

    [TerminalFact]
    public async Task TheLiveTable_GoesOn_AlsoWhenNothingHappens_AndWhenTheServerIsAway()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        await using var user = UserOf(home, server);
        home.Open("mended");
        var file = user.Dag("fragile.yaml", Fragile.Replace("%G", home.Gates, StringComparison.Ordinal));
        var watching = await user.StartInTerminalAsync("run", file);
        await home.OpenedAsync("started");

        await Eventually.TrueAsync(() => Titles(watching.Out).Count() > 2, "the time of the run goes on");
        await watching.PrintsAsync("begun");
        await server.Process.KillAsync();
        await watching.PrintsAsync("Waiting for it; Ctrl-C leaves.");
        var uri = new Uri(server.Grpc);
        using var again = await ApiServer.StartAsync(home, port: uri.Port);
        home.Open("go");

        (await watching.EndAsync()).ExitCode.ShouldBe(0, watching.Out);
        watching.Out.ShouldContain("fragile: success");
    }

    [Fact]
    public async Task TheWalkthrough_OfTheClientSample_Works()
    {
        await using var home = new Installation();
        using var server = await ApiServer.StartAsync(home);
        using var client = new FlowClient(server.Grpc, server.Token);

        (await Walkthrough.RunAsync(client)).ShouldBeTrue();
    }

    /// <summary>Somebody with the address and the token of a server, and nothing else.</summary>
    private static Installation UserOf(Installation home, ApiServer server)
    {
        var user = new Installation();
        user.Environment["FLOW_SERVER"] = server.Grpc;
        user.Environment["FLOW_TOKEN_FILE"] = Path.Combine(home.Data, "api.token");
        user.Environment["XDG_CONFIG_HOME"] = Path.Combine(user.Root, "config");
        return user;
    }

    private static IEnumerable<string> Titles(string shown) => shown.Split('\n')
        .Where(line => line.Contains(": running, 0 of 2 tasks finished, ", StringComparison.Ordinal))
        .Select(line => line[line.IndexOf("finished, ", StringComparison.Ordinal)..].Trim())
        .Distinct();
}
