using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Client;

/// <summary>Our client against our server.</summary>
public sealed class OwnClientTests : ClientCases, IAsyncLifetime
{
    private TestHost? _host;

    private TestHost Host => _host!;

    protected override string Address => Host.Address;

    public async Task InitializeAsync() => _host = await TestHost.StartAsync();

    public async Task DisposeAsync()
    {
        await Host.IsIdleAsync();
        await Host.DisposeAsync();
    }

    [Fact]
    public async Task Details_AndTrailers_ComeWithAnError()
    {
        var error = await FailsAsync(channel => channel.UnaryAsync(Methods.Empty, new Empty(), Mode("details")));
        error.Code.ShouldBe(RpcCode.FailedPrecondition);
        error.Message.ShouldBe("not now");
        error.Detail<EchoStatus>().ShouldBe(new EchoStatus { Code = 7, Message = "typed" });
        error.Trailers["x-test-trailer"].ShouldBe("sent with the error");
    }

    [Fact]
    public async Task AnUnexpectedException_IsInternal_AndLeaksNothing()
    {
        var error = await FailsAsync(channel => channel.UnaryAsync(Methods.Empty, new Empty(), Mode("throw")));
        error.Code.ShouldBe(RpcCode.Internal);
        error.Message.ShouldNotContain(TestService.Secret);
        error.Details.ShouldBeEmpty();
    }

    [Fact]
    public async Task ADeadline_CancelsTheServer()
    {
        var options = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(300), Headers = new RpcMetadata { { TestService.ModeHeader, "hang" } } };
        var error = await FailsAsync(channel => channel.UnaryAsync(Methods.Empty, new Empty(), options));
        error.Code.ShouldBe(RpcCode.DeadlineExceeded);
        await Host.Service.SeesAsync("cancelled");
    }

    [Fact]
    public async Task Cancelling_ReachesTheServer_AndIsTheCallersOwn()
    {
        using var channel = new RpcChannel(Address);
        using var source = new CancellationTokenSource();
        var call = channel.UnaryAsync(Methods.Empty, new Empty(), Mode("hang"), source.Token);
        await Host.Service.SeesAsync("begun");
        await source.CancelAsync();
        var thrown = await Should.ThrowAsync<OperationCanceledException>(call.InTimeAsync());
        thrown.CancellationToken.ShouldBe(source.Token);
        await Host.Service.SeesAsync("cancelled");
    }

    [Fact]
    public async Task LeavingAStreamEarly_CancelsTheServer()
    {
        using var channel = new RpcChannel(Address);
        await using (var call = channel.Duplex(Methods.Duplex))
        {
            await call.WriteAsync(Methods.Ask(10)).InTimeAsync();
            await foreach (var _ in call.ReadAllAsync()) break;
        }

        await Host.Service.SeesAsync("cancelled");
    }

    [Fact]
    public async Task AnErrorInTheCallersStream_IsThrown_AndCancelsTheServer()
    {
        using var channel = new RpcChannel(Address);
        var call = channel.ClientStreamingAsync(Methods.Input, BrokenAsync());
        (await Should.ThrowAsync<InvalidOperationException>(call.InTimeAsync())).Message.ShouldBe("my own");
        await Host.Service.SeesAsync("cancelled");

        async IAsyncEnumerable<StreamingInputCallRequest> BrokenAsync()
        {
            yield return new StreamingInputCallRequest { Payload = Methods.Zeros(1) };
            await Host.Service.SeesAsync("begun");
            throw new InvalidOperationException("my own");
        }
    }

    [Fact]
    public async Task ASlowReader_HoldsBackTheServer()
    {
        using var channel = new RpcChannel(Address);
        var request = Methods.Ask([.. Enumerable.Repeat(64 * 1024, 1000)]);
        await foreach (var _ in channel.ServerStreaming(Methods.Output, request))
        {
            // another call of the same connection is not held back
            await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
            break;
        }

        Host.Service.Made.ShouldBeLessThan(1000);
    }

    [Fact]
    public async Task AUnixSocket_IsAnAddress()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("rpc-").FullName, "s");
        await using var host = await TestHost.StartAsync(socket: path);
        using var channel = new RpcChannel("unix://" + path);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
    }

    private static RpcCallOptions Mode(string mode) => new() { Headers = new RpcMetadata { { TestService.ModeHeader, mode } } };
}
