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
    }

    [Fact]
    public async Task Terminate_StopsCleanly_AndLeavesNoAddressBehind()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        File.Exists(Path.Combine(flow.Data, "api.json")).ShouldBeTrue();
        server.Process.Send(Signals.Terminate);
        var outcome = await server.Process.EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        File.Exists(Path.Combine(flow.Data, "api.json")).ShouldBeFalse();
        flow.Postmaster.ShouldBeNull();
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
