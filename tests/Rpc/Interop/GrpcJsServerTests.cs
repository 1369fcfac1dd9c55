using System.Globalization;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Client;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Interop;

/// <summary>Our client against a foreign server, @grpc/grpc-js.</summary>
public sealed class GrpcJsServerTests : IAsyncLifetime
{
    private NodeProcess? _node;
    private string? _address;

    public async Task InitializeAsync()
    {
        if (Node.Missing is not null) return;
        _node = Node.Start("grpc-js-server.mjs");
        _address = "http://127.0.0.1:" + int.Parse(await _node.LineAsync(), CultureInfo.InvariantCulture);
    }

    public async Task DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
    }

    [NodeTheory]
    [InlineData(nameof(ClientCases.EmptyUnary))]
    [InlineData(nameof(ClientCases.LargeUnary))]
    [InlineData(nameof(ClientCases.ClientStreaming))]
    [InlineData(nameof(ClientCases.ServerStreaming))]
    [InlineData(nameof(ClientCases.PingPong))]
    [InlineData(nameof(ClientCases.EmptyStream))]
    [InlineData(nameof(ClientCases.CustomMetadata))]
    [InlineData(nameof(ClientCases.StatusCodeAndMessage))]
    [InlineData(nameof(ClientCases.SpecialStatusMessage))]
    [InlineData(nameof(ClientCases.UnimplementedMethod))]
    [InlineData(nameof(ClientCases.UnimplementedService))]
    [InlineData(nameof(ClientCases.CancelAfterBegin))]
    [InlineData(nameof(ClientCases.CancelAfterFirstResponse))]
    [InlineData(nameof(ClientCases.TimeoutOnSleepingServer))]
    [InlineData(nameof(ClientCases.Gzip_BothWays))]
    [InlineData(nameof(ClientCases.OneByteOverTheServersLimit_IsResourceExhausted))]
    [InlineData(nameof(ClientCases.AResponseOverTheClientsLimit_IsResourceExhausted))]
    public Task Case_Passes(string name) =>
        (Task)typeof(ClientCases).GetMethod(name)!.Invoke(new Cases(_address!), null)!;

    [NodeFact]
    public async Task ACallInProgress_Finishes_WhileTheServerStops()
    {
        using var channel = new RpcChannel(_address!, new RpcChannelOptions { MaxAttempts = 1 });
        await using var call = channel.Duplex(Methods.Duplex);
        await using var responses = call.ReadAllAsync().GetAsyncEnumerator();
        await PingAsync(1);
        await _node!.SayAsync("stop");
        (await _node.LineAsync()).ShouldBe("stopping");
        await PingAsync(2);
        call.Complete();
        (await responses.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeFalse();
        (await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync())).Code.ShouldBe(RpcCode.Unavailable);

        async Task PingAsync(int size)
        {
            await call.WriteAsync(Methods.Ask(size)).InTimeAsync();
            (await responses.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeTrue();
            responses.Current.Payload.Body.Length.ShouldBe(size);
        }
    }

    private sealed class Cases(string address) : ClientCases
    {
        protected override string Address => address;
    }
}
