using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Harness;

namespace OrleansFlow.Tests.Rpc.Interop;

/// <summary>A foreign gRPC client, @grpc/grpc-js, against our server.</summary>
public sealed class GrpcJsClientTests : IAsyncLifetime
{
    private const string Script = "grpc-js-client.mjs";

    private TestHost? _host;

    public async Task InitializeAsync() => _host = await TestHost.StartAsync();

    public async Task DisposeAsync()
    {
        await _host!.IsIdleAsync();
        await _host.DisposeAsync();
    }

    [NodeTheory]
    [InlineData("empty_unary")]
    [InlineData("large_unary")]
    [InlineData("client_streaming")]
    [InlineData("server_streaming")]
    [InlineData("ping_pong")]
    [InlineData("empty_stream")]
    [InlineData("custom_metadata")]
    [InlineData("status_code_and_message")]
    [InlineData("special_status_message")]
    [InlineData("unimplemented_method")]
    [InlineData("unimplemented_service")]
    [InlineData("cancel_after_begin")]
    [InlineData("cancel_after_first_response")]
    [InlineData("timeout_on_sleeping_server")]
    [InlineData("gzip_both_ways")]
    [InlineData("limit_plus_one")]
    [InlineData("health")]
    [InlineData("reflection_v1")]
    [InlineData("reflection_v1alpha")]
    public Task Case_Passes(string name) => Node.PassesAsync(Script, name, $"127.0.0.1:{_host!.Port}");

    [NodeFact]
    public async Task ACallInProgress_Finishes_WhileTheServerStops()
    {
        await using var host = await TestHost.StartAsync(new RpcServerOptions { DrainLimit = Ceiling.Time });
        await using var node = Node.Start(Script, "goaway", $"127.0.0.1:{host.Port}");
        (await node.LineAsync()).ShouldBe("begun");
        var stopped = host.StopAsync();
        await node.SayAsync("stopping");
        await node.PassesAsync();
        await stopped.InTimeAsync();
    }
}
