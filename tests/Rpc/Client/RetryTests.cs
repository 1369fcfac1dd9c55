using System.Net;
using System.Net.Sockets;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Client;

public class RetryTests
{
    [Fact]
    public async Task ADeadAddress_IsPassedOver()
    {
        await using var host = await TestHost.StartAsync();
        using var channel = new RpcChannel([DeadAddress(), host.Address]);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
        (await CountAsync(channel.ServerStreaming(Methods.Output, Methods.Ask(1, 2)))).ShouldBe(2);
        (await channel.ClientStreamingAsync(Methods.Input, Methods.Inputs(3)).InTimeAsync()).AggregatedPayloadSize.ShouldBe(3);
    }

    [Fact]
    public async Task EveryKind_PassesOverADeadAddress_WithItsFirstCall()
    {
        await using var host = await TestHost.StartAsync();
        string[] addresses = [DeadAddress(), host.Address];
        using (var channel = new RpcChannel(addresses)) (await CountAsync(channel.ServerStreaming(Methods.Output, Methods.Ask(1, 2)))).ShouldBe(2);
        using (var channel = new RpcChannel(addresses)) (await channel.ClientStreamingAsync(Methods.Input, Methods.Inputs(3)).InTimeAsync()).AggregatedPayloadSize.ShouldBe(3);
        using (var channel = new RpcChannel(addresses))
        {
            await using var call = channel.Duplex(Methods.Duplex);
            await call.WriteAsync(Methods.Ask(1)).InTimeAsync();
            call.Complete();
            (await CountAsync(call.ReadAllAsync())).ShouldBe(1);
        }
    }

    [Fact]
    public async Task WithNobodyThere_TheErrorSaysWhere()
    {
        var address = DeadAddress();
        using var channel = new RpcChannel(address, new RpcChannelOptions { InitialBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 3 });
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync());
        error.Code.ShouldBe(RpcCode.Unavailable);
        error.Message.ShouldContain(address);
    }

    [Fact]
    public async Task AServerThatComesLater_IsWaitedFor_WhenTheCallSaysSo()
    {
        var port = new Uri(DeadAddress()).Port;
        var attempted = new Attempted();
        var options = new RpcChannelOptions { InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(5), Time = attempted };
        using var channel = new RpcChannel($"127.0.0.1:{port}", options);
        var call = channel.UnaryAsync(Methods.Empty, new Empty(), new RpcCallOptions { WaitForReady = true });
        await attempted.Rested.InTimeAsync();
        await using var host = await TestHost.StartAsync(port: port);
        await call.InTimeAsync();
    }

    [Theory]
    [InlineData(null, false, 1)]
    [InlineData(true, false, 3)]
    [InlineData(null, true, 3)]
    [InlineData(false, true, 1)]
    public async Task Unavailable_IsRepeated_OnlyWhereThatIsSafe(bool? idempotent, bool declared, int calls)
    {
        var refusing = new Refusing(RpcCode.Unavailable);
        await using var host = await TestHost.StartAsync(new RpcServerOptions { Interceptors = [refusing] });
        using var channel = new RpcChannel(host.Address, new RpcChannelOptions { InitialBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 3 });
        var method = declared ? Methods.Cacheable : Methods.Unary;
        var call = channel.UnaryAsync(method, new SimpleRequest(), new RpcCallOptions { Idempotent = idempotent });
        (await Should.ThrowAsync<RpcException>(call.InTimeAsync())).Code.ShouldBe(RpcCode.Unavailable);
        refusing.Calls.ShouldBe(calls);
    }

    [Fact]
    public async Task OtherErrors_AreNeverRepeated()
    {
        var refusing = new Refusing(RpcCode.Internal);
        await using var host = await TestHost.StartAsync(new RpcServerOptions { Interceptors = [refusing] });
        using var channel = new RpcChannel(host.Address);
        await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Cacheable, new SimpleRequest()).InTimeAsync());
        refusing.Calls.ShouldBe(1);
    }

    [Fact]
    public async Task AServerThatFallsSilent_IsPassedOver()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var hearing = HearAndSayNothingAsync(silent);
        await using var host = await TestHost.StartAsync();
        var options = new RpcChannelOptions { KeepAliveDelay = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) };
        using (var channel = new RpcChannel([$"http://{silent.LocalEndpoint}", host.Address], options))
            await channel.UnaryAsync(Methods.Cacheable, new SimpleRequest()).InTimeAsync();
        await hearing.InTimeAsync();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60L * 24 * 60 * 60 * 1000)]
    public async Task AnEndlessTimeout_IsNone(long milliseconds)
    {
        await using var host = await TestHost.StartAsync();
        using var channel = new RpcChannel(host.Address);
        var options = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) };
        await channel.UnaryAsync(Methods.Empty, new Empty(), options).InTimeAsync();
    }

    [Fact]
    public async Task ADeadlineThatPassesWhileRequestsWait_IsAStatus()
    {
        await using var host = await TestHost.StartAsync();
        using var channel = new RpcChannel(host.Address);
        await using var call = channel.Duplex(Methods.Duplex, new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(500) });
        var writing = Task.Run(async () =>
        {
            while (true) await call.WriteAsync(Methods.Ask(1_000_000));
        });
        await Should.ThrowAsync<RpcException>(writing.InTimeAsync());
    }

    [Theory]
    [InlineData("ftp://host:1")]
    [InlineData("http://host:1/path")]
    [InlineData("unix://relative")]
    [InlineData("http://")]
    [InlineData("")]
    public void WhatIsNoAddress_IsRefused(string address) => Should.Throw<ArgumentException>(() => new RpcChannel(address));

    [Fact]
    public void EveryWrongOption_IsNamed()
    {
        var options = new RpcChannelOptions { MaxAttempts = 0, MaxReceiveMessageSize = -1 };
        var error = Should.Throw<ArgumentException>(() => new RpcChannel(["ftp://x", "unix://y"], options));
        foreach (var name in new[] { "MaxAttempts", "MaxReceiveMessageSize", "ftp://x", "unix://y" }) error.Message.ShouldContain(name);
    }

    [Fact]
    public void ATokenOverANetworkInClearText_IsRefused_UnlessAllowed()
    {
        Make("http://scheduler:8233", allow: false, out var error);
        error.ShouldNotBeNull().ShouldContain("clear text");
        Make("http://scheduler:8233", allow: true, out error);
        error.ShouldBeNull();
        foreach (var address in new[] { "https://scheduler:8233", "127.0.0.1:8233", "unix:///run/flow" }) Make(address, allow: false, out error);
        error.ShouldBeNull();

        static void Make(string address, bool allow, out string? error)
        {
            try
            {
                new RpcChannel(address, new RpcChannelOptions { BearerToken = _ => ValueTask.FromResult<string?>("t"), AllowTokenWithoutTls = allow }).Dispose();
                error = null;
            }
            catch (ArgumentException refused)
            {
                error = refused.Message;
            }
        }
    }

    // It takes the connection and answers no ping.
    private static async Task HearAndSayNothingAsync(TcpListener listener)
    {
        using var connection = await listener.AcceptSocketAsync();
        await connection.SendAsync(RawHttp2.Frame(4, 0, 0, []));
        var buffer = new byte[4096];
        while (await connection.ReceiveAsync(buffer) > 0)
        {
        }
    }

    private static string DeadAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> messages)
    {
        var count = 0;
        await foreach (var _ in messages) count++;
        return count;
    }

    private sealed class Refusing(RpcCode code) : IRpcInterceptor
    {
        private int _calls;

        public int Calls => _calls;

        public Task InvokeAsync(RpcContext context, RpcHandler next)
        {
            Interlocked.Increment(ref _calls);
            throw new RpcException(code, "refused");
        }
    }

    /// <summary>The system's time, which tells when somebody rests.</summary>
    private sealed class Attempted : TimeProvider
    {
        private readonly TaskCompletionSource _rested = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Rested => _rested.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _rested.TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
