using System.Runtime.CompilerServices;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Client;

/// <summary>The public interoperability cases, by our client; against which server, a subclass says.</summary>
public abstract class ClientCases
{
    private const int Limit = 4 * 1024 * 1024;

    protected abstract string Address { get; }

    [Fact]
    public async Task EmptyUnary() => (await CallAsync(channel => channel.UnaryAsync(Methods.Empty, new Empty()))).ShouldBe(new Empty());

    [Fact]
    public async Task LargeUnary()
    {
        var request = new SimpleRequest { ResponseSize = 314159, Payload = Methods.Zeros(271828) };
        (await CallAsync(channel => channel.UnaryAsync(Methods.Unary, request))).Payload.ShouldBe(Methods.Zeros(314159));
    }

    [Fact]
    public async Task ClientStreaming() =>
        (await CallAsync(channel => channel.ClientStreamingAsync(Methods.Input, Methods.Inputs(27182, 8, 1828, 45904))))
            .AggregatedPayloadSize.ShouldBe(74922);

    [Fact]
    public async Task ServerStreaming()
    {
        int[] sizes = [31415, 9, 2653, 58979];
        var sizesSeen = await CallAsync(channel => SizesAsync(channel.ServerStreaming(Methods.Output, Methods.Ask(sizes))));
        sizesSeen.ShouldBe(sizes);
    }

    [Fact]
    public Task PingPong() => CallAsync(async channel =>
    {
        await using var call = channel.Duplex(Methods.Duplex);
        await using var responses = call.ReadAllAsync().GetAsyncEnumerator();
        foreach (var (ask, send) in new[] { (31415, 27182), (9, 8), (2653, 1828), (58979, 45904) })
        {
            var request = Methods.Ask(ask);
            request.Payload = Methods.Zeros(send);
            await call.WriteAsync(request);
            (await responses.MoveNextAsync()).ShouldBeTrue();
            responses.Current.Payload.Body.Length.ShouldBe(ask);
        }

        call.Complete();
        (await responses.MoveNextAsync()).ShouldBeFalse();
    });

    [Fact]
    public Task EmptyStream() => CallAsync(async channel =>
    {
        await using var call = channel.Duplex(Methods.Duplex);
        call.Complete();
        (await SizesAsync(call.ReadAllAsync())).ShouldBeEmpty();
    });

    [Fact]
    public async Task CustomMetadata()
    {
        byte[] bytes = [0xAB, 0xAB, 0xAB];
        var received = new RpcReceived();
        var headers = new RpcMetadata { { "x-grpc-test-echo-initial", "test_initial_metadata_value" } };
        headers.Add("x-grpc-test-echo-trailing-bin", bytes);
        var options = new RpcCallOptions { Headers = headers, Received = received };
        await CallAsync(channel => channel.UnaryAsync(Methods.Unary, new SimpleRequest { ResponseSize = 10 }, options));
        received.Headers["x-grpc-test-echo-initial"].ShouldBe("test_initial_metadata_value");
        received.Trailers.Binary("x-grpc-test-echo-trailing-bin").ShouldBe(bytes);
    }

    [Fact]
    public Task StatusCodeAndMessage() => EchoesAsync("test status message");

    [Fact]
    public Task SpecialStatusMessage() => EchoesAsync("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n");

    [Fact]
    public async Task UnimplementedMethod() =>
        (await FailsAsync(channel => channel.UnaryAsync(Methods.Unimplemented, new Empty()))).Code.ShouldBe(RpcCode.Unimplemented);

    [Fact]
    public async Task UnimplementedService() =>
        (await FailsAsync(channel => channel.UnaryAsync(Methods.UnimplementedService, new Empty()))).Code.ShouldBe(RpcCode.Unimplemented);

    [Fact]
    public async Task CancelAfterBegin()
    {
        using var channel = new RpcChannel(Address);
        using var source = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var call = channel.ClientStreamingAsync(Methods.Input, NeverAsync(), cancellation: source.Token);
        await begun.Task.InTimeAsync();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call.InTimeAsync());

        // It hears of the cancellation from the call alone.
        async IAsyncEnumerable<StreamingInputCallRequest> NeverAsync([EnumeratorCancellation] CancellationToken cancellation = default)
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            yield break;
        }
    }

    [Fact]
    public async Task CancelAfterFirstResponse()
    {
        using var channel = new RpcChannel(Address);
        using var source = new CancellationTokenSource();
        await using var call = channel.Duplex(Methods.Duplex, cancellation: source.Token);
        await call.WriteAsync(Methods.Ask(31415)).InTimeAsync();
        await using var responses = call.ReadAllAsync().GetAsyncEnumerator();
        (await responses.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeTrue();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(responses.MoveNextAsync().AsTask().InTimeAsync());
    }

    [Fact]
    public async Task TimeoutOnSleepingServer()
    {
        using var channel = new RpcChannel(Address);
        await using var call = channel.Duplex(Methods.Duplex, new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(100) });
        var error = await Should.ThrowAsync<RpcException>(SizesAsync(call.ReadAllAsync()).InTimeAsync());
        error.Code.ShouldBe(RpcCode.DeadlineExceeded);
    }

    [Fact]
    public async Task Gzip_BothWays()
    {
        var request = new SimpleRequest
        {
            ResponseSize = 314159,
            Payload = Methods.Zeros(271828),
            ExpectCompressed = new BoolValue { Value = true },
            ResponseCompressed = new BoolValue { Value = true },
        };
        var options = new RpcCallOptions { Compress = true };
        (await CallAsync(channel => channel.UnaryAsync(Methods.Unary, request, options))).Payload.ShouldBe(Methods.Zeros(314159));
    }

    [Fact]
    public async Task OneByteOverTheServersLimit_IsResourceExhausted()
    {
        var request = new SimpleRequest { Payload = Methods.Zeros(Limit) };
        request.Payload.Body = Google.Protobuf.ByteString.CopyFrom(new byte[Limit - (request.CalculateSize() - Limit)]);
        request.CalculateSize().ShouldBe(Limit);
        await CallAsync(channel => channel.UnaryAsync(Methods.Unary, request));
        request.Payload.Body = Google.Protobuf.ByteString.CopyFrom(new byte[request.Payload.Body.Length + 1]);
        (await FailsAsync(channel => channel.UnaryAsync(Methods.Unary, request))).Code.ShouldBe(RpcCode.ResourceExhausted);
    }

    [Fact]
    public async Task AResponseOverTheClientsLimit_IsResourceExhausted()
    {
        using var channel = new RpcChannel(Address, new RpcChannelOptions { MaxReceiveMessageSize = 1000 });
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Unary, new SimpleRequest { ResponseSize = 1001 }).InTimeAsync());
        error.Code.ShouldBe(RpcCode.ResourceExhausted);
    }

    protected async Task<T> CallAsync<T>(Func<RpcChannel, Task<T>> call)
    {
        using var channel = new RpcChannel(Address);
        return await call(channel).InTimeAsync();
    }

    private async Task CallAsync(Func<RpcChannel, Task> call)
    {
        using var channel = new RpcChannel(Address);
        await call(channel).InTimeAsync();
    }

    protected async Task<RpcException> FailsAsync<T>(Func<RpcChannel, Task<T>> call)
    {
        using var channel = new RpcChannel(Address);
        return await Should.ThrowAsync<RpcException>(call(channel).InTimeAsync());
    }

    protected static async Task<List<int>> SizesAsync(IAsyncEnumerable<StreamingOutputCallResponse> responses)
    {
        var sizes = new List<int>();
        await foreach (var response in responses) sizes.Add(response.Payload.Body.Length);
        return sizes;
    }

    private async Task EchoesAsync(string message)
    {
        var status = new EchoStatus { Code = 2, Message = message };
        var error = await FailsAsync(channel => channel.UnaryAsync(Methods.Unary, new SimpleRequest { ResponseStatus = status }));
        (error.Code, error.Message).ShouldBe((RpcCode.Unknown, message));
        error = await FailsAsync(async channel =>
        {
            await using var call = channel.Duplex(Methods.Duplex);
            await call.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = status });
            call.Complete();
            return await SizesAsync(call.ReadAllAsync());
        });
        (error.Code, error.Message).ShouldBe((RpcCode.Unknown, message));
    }
}
