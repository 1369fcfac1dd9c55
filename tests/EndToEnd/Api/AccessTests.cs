using System.Net;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>Who is let in, and where a server may listen.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task OnlyTheTokenOfTheFolder_AndTheServersOwnNames_AreLetIn()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        const string method = "SystemService/GetSystemInfo";
        (await server.TryAsync(method, "{}")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, answer) = await server.TryAsync(method, "{}", token: "wrong");
        status.ShouldBe(HttpStatusCode.Unauthorized);
        answer.ToJsonString().ShouldContain("TOKEN_INVALID");
        (await server.TryAsync(method, "{}", host: "evil.example")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await server.TryAsync(method, "{}", origin: "https://evil.example")).Status.ShouldBe(HttpStatusCode.Forbidden);
        File.GetUnixFileMode(Path.Combine(flow.Data, "api.token")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task APortInUse_IsNamed_WithTheOptionThatChoosesAnother()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await using var other = new Installation();
        var refused = await other.FlowAsync("dev", "--port", $"{new Uri(server.Grpc).Port}", "--http-port", "0");
        refused.ExitCode.ShouldBe(3, refused.Everything);
        refused.Error.ShouldContain($":{new Uri(server.Grpc).Port}");
        refused.Error.ShouldContain("--port");
        refused.Error.ShouldContain($"process {server.Process.Pid} ");
    }

    [Fact]
    public async Task Terminate_StopsCleanly_AndLeavesNoAddressBehind()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        File.Exists(Path.Combine(flow.Data, "api.address")).ShouldBeTrue();
        server.Process.Send(Signals.Terminate);
        var outcome = await server.Process.EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        File.Exists(Path.Combine(flow.Data, "api.address")).ShouldBeFalse();
        flow.Postmaster.ShouldBeNull();
    }

    [Fact]
    public async Task Roles_MayWhatTheyMay_AndTheHistorySaysWhoDidIt_FromWhere_ByWhichRequest_AndWhy()
    {
        await using var flow = new Installation();
        var tokens = Roles(flow);
        using var server = await ApiServer.ServeAsync(flow, "--token-file", tokens);
        var (viewer, operating, admin) = (Token('v'), Token('o'), Token('a'));
        const string apply = """{"source": {"yaml": "ZGFnOiBxdWljawp0YXNrczoKICBvbmx5OiB7IG5vb3A6IHt9IH0K"}}""";
        const string trigger = """{"dag": "dags/quick", "runId": "one", "requestId": "request-7", "why": "the boss asked"}""";
        foreach (var (method, request, allowed) in ((string, string, string)[])
            [("DagService/ApplyDag", apply, admin), ("RunService/TriggerRun", trigger, operating)])
        {
            foreach (var token in (string[])[viewer, operating, admin])
            {
                if (token == allowed) break;
                var (refused, reason) = await server.TryAsync(method, request, token);
                refused.ShouldBe(HttpStatusCode.Forbidden, reason.ToJsonString());
                reason.ToJsonString().ShouldContain("ROLE_TOO_LOW");
            }

            (await server.TryAsync(method, request, allowed)).Status.ShouldBe(HttpStatusCode.OK);
        }

        (await server.TryAsync("RunService/GetRun", """{"name": "runs/one"}""", viewer)).Status.ShouldBe(HttpStatusCode.OK);
        (await server.TryAsync("RunService/GetRun", """{"name": "runs/one"}""", Token('x'))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var (_, events) = await server.TryAsync("RunService/ListRunEvents", """{"parent": "runs/one"}""", viewer);
        var made = events["events"]![0]!;
        ((string?)made["actor"], (string?)made["address"], (string?)made["requestId"], (string?)made["detail"])
            .ShouldBe(("airflow", "127.0.0.1", "request-7", "the boss asked"));

        // Of the same name: here the file of roles, for the other commands the one token to show.
        var shown = Path.Combine(flow.Root, "viewer.token");
        await File.WriteAllTextAsync(shown, viewer);
        (await flow.OkAsync("runs", "show", "one", "--server", server.Grpc, "--token-file", shown)).Out.ShouldContain("one");
        var cancel = await flow.FlowAsync("dags", "pause", "quick", "--server", server.Grpc, "--token-file", shown);
        cancel.ExitCode.ShouldBe(2, cancel.Everything);
        cancel.Error.ShouldContain("OPERATOR");
        var version = await flow.OkAsync("version", "--server", server.Grpc, "--token-file", shown, "-o", "json");
        version.Out.ShouldContain("\"serverVersion\"");
        version.Error.ShouldNotContain("warning");
    }

    [Fact]
    public async Task TheTokenToShow_BeforeTheServersName_IsNotTakenForTheTokensItLetsIn()
    {
        await using var flow = new Installation();
        var refused = await flow.FlowAsync("--token-file", Roles(flow), "server", "--port", "0", "--http-port", "0");
        refused.ExitCode.ShouldBe(2, refused.Everything);
        refused.Error.ShouldContain("after 'server'");
    }

    [Fact]
    public async Task AnEphemeralServer_LeavesNothingBehind()
    {
        await using var flow = new Installation();
        var server = await flow.StartAsync("dev", "--ephemeral", "--port", "0", "--http-port", "0");
        var folder = (await server.PrintsAsync("data")).Split(' ')[^1];
        folder.ShouldStartWith(Path.GetTempPath());
        File.Exists(Path.Combine(folder, "api.token")).ShouldBeTrue();
        Directory.Exists(flow.Data).ShouldBeFalse();
        server.Send(Signals.Terminate);
        var outcome = await server.EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task ADeadServer_IsNamed_WithHowToStartIt()
    {
        await using var flow = new Installation();
        var outcome = await flow.FlowAsync("runs", "list", "--server", "http://127.0.0.1:1");
        outcome.ExitCode.ShouldBe(3, outcome.Everything);
        outcome.Error.ShouldContain("http://127.0.0.1:1");
        outcome.Error.ShouldContain("flow server");
    }

    private static string Token(char c) => new(c, 32);

    private static string Roles(Installation flow)
    {
        var file = Path.Combine(flow.Root, "tokens");
        File.WriteAllText(file, $"# who may what\nviewer board {Token('v')}\noperator airflow {Token('o')}\nadmin deploy {Token('a')}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    [Fact]
    public async Task WrongSettings_KeepAServerFromStarting()
    {
        await using var flow = new Installation();
        var refused = await flow.FlowAsync("server", "--address", "0.0.0.0", "--port", "x");
        refused.ExitCode.ShouldBe(2, refused.Everything);
        refused.Error.ShouldContain("token_file");
        refused.Error.ShouldContain("--port");
    }
}
