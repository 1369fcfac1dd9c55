using System.Net.Sockets;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Rpc.Health.V1;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;
using ServingStatus = OrleansFlow.Rpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace OrleansFlow.Tests.Rpc.Server;

/// <summary>Stopping, interceptors, health, and callers that misbehave.</summary>
public class LifetimeTests
{
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> s_watch =
        RpcMethod.Of<HealthCheckRequest, HealthCheckResponse>(HealthReflection.Descriptor.Services[0], "Watch");

    [Fact]
    public async Task CallsThatGoOn_AreCutAfterTheLimit_WithUnavailable()
    {
        await using var host = await TestHost.StartAsync(new RpcServerOptions { DrainLimit = TimeSpan.FromMilliseconds(50) });
        using var channel = new RpcChannel(host.Address, new RpcChannelOptions { MaxAttempts = 1 });
        var call = channel.UnaryAsync(Methods.Empty, new Empty(), Mode("hang"));
        await host.Service.SeesAsync("begun");
        await host.StopAsync().InTimeAsync();
        (await Should.ThrowAsync<RpcException>(call.InTimeAsync())).Code.ShouldBe(RpcCode.Unavailable);
    }

    [Fact]
    public async Task AWatchOfHealth_FollowsTheState_AndSeesTheStop()
    {
        await using var host = await TestHost.StartAsync();
        using var channel = new RpcChannel(host.Address);
        await using var watch = channel.ServerStreaming(s_watch, new HealthCheckRequest { Service = "flow" }).GetAsyncEnumerator();
        (await NextAsync()).ShouldBe(ServingStatus.ServiceUnknown);
        host.Health.Set("flow", true);
        (await NextAsync()).ShouldBe(ServingStatus.Serving);
        host.Health.Set("flow", false);
        (await NextAsync()).ShouldBe(ServingStatus.NotServing);
        host.Health.Set("flow", true);
        (await NextAsync()).ShouldBe(ServingStatus.Serving);
        var stopped = host.StopAsync();
        (await NextAsync()).ShouldBe(ServingStatus.NotServing);
        (await watch.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeFalse();
        await stopped.InTimeAsync();

        async Task<ServingStatus> NextAsync()
        {
            (await watch.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeTrue();
            return watch.Current.Status;
        }
    }

    [Fact]
    public async Task Interceptors_StandAroundEachOther_AndSeeTheOutcome()
    {
        var seen = new List<string>();
        var options = new RpcServerOptions { Interceptors = [new Recording("outer", seen), new Recording("inner", seen)] };
        await using var host = await TestHost.StartAsync(options);
        using var channel = new RpcChannel(host.Address);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
        seen.ShouldBe(["outer begins", "inner begins", "inner ends: Ok", "outer ends: Ok"]);
        seen.Clear();
        await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty(), Mode("details")).InTimeAsync());
        seen.ShouldBe(["outer begins", "inner begins", "inner ends: FailedPrecondition", "outer ends: FailedPrecondition"]);
    }

    [Fact]
    public async Task ATokenAndInterceptorsOfTheClient_ReachTheServer()
    {
        var seen = new List<string>();
        await using var host = await TestHost.StartAsync(new RpcServerOptions { Interceptors = [new Authorizing("Bearer sesame")] });
        var options = new RpcChannelOptions { BearerToken = _ => ValueTask.FromResult<string?>("sesame"), Interceptors = [new ClientRecording(seen)] };
        using var channel = new RpcChannel(host.Address, options);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
        seen.ShouldBe(["/grpc.testing.TestService/EmptyCall: Ok, 1"]);
        using var stranger = new RpcChannel(host.Address);
        (await Should.ThrowAsync<RpcException>(stranger.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync())).Code.ShouldBe(RpcCode.Unauthenticated);
    }

    [Fact]
    public async Task ACallerThatNeverReads_HoldsBackItself_AndNobodyElse()
    {
        await using var host = await TestHost.StartAsync();
        using var socket = await RawHttp2.ConnectAsync(host.Port);
        await SendAsync(socket, RawHttp2.Preface((4, 1000)));
        var request = Methods.Ask([.. Enumerable.Repeat(100_000, 10_000)]);
        await SendAsync(socket, RawHttp2.Call(1, Methods.Output.Path), RawHttp2.Data(1, Framed(request), end: true));
        using var channel = new RpcChannel(host.Address);
        for (var i = 0; i < 50; i++) await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
        host.Service.Made.ShouldBeLessThan(100);
        socket.Close();
        await host.IsIdleAsync();
    }

    [Fact]
    public async Task ACallerThatNeverReads_IsCutOffAfterAWhile_AsExhausted()
    {
        await using var host = await TestHost.StartAsync(new RpcServerOptions { ReaderPatience = TimeSpan.FromMilliseconds(200) });
        using var socket = await RawHttp2.ConnectAsync(host.Port);
        await SendAsync(socket, RawHttp2.Preface((4, 1000)));
        await SendAsync(socket, RawHttp2.Call(1, Methods.Output.Path), RawHttp2.Data(1, Framed(Methods.Ask([.. Enumerable.Repeat(100_000, 100)])), end: true));
        (await RawHttp2.ResetOfAsync(socket, stream: 1).InTimeAsync()).ShouldBe(0xbu);
        await host.IsIdleAsync();
        host.Defects.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(50, 10_000, null)]
    [InlineData(10_000, 50, 20_000)]
    public async Task AUnaryCall_TakesNoLongerThanTheServerLetsIt_AndAStreamDoes(int standard, int most, int? asked)
    {
        await using var host = await TestHost.StartAsync(new RpcServerOptions
        {
            UnaryTimeout = TimeSpan.FromMilliseconds(standard), MaxUnaryTimeout = TimeSpan.FromMilliseconds(most),
        });
        using var channel = new RpcChannel(host.Address);
        await using var stream = channel.ServerStreaming(s_watch, new HealthCheckRequest { Service = "flow" }).GetAsyncEnumerator();
        (await stream.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeTrue();
        var options = new RpcCallOptions
        {
            Headers = new RpcMetadata { { TestService.ModeHeader, "hang" } }, Timeout = asked is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
        };
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty(), options).InTimeAsync());
        (error.Code, error.Message).ShouldBe((RpcCode.DeadlineExceeded, "The call took longer than this server lets it: 0:00:00.05."));
        host.Health.Set("flow", true);
        (await stream.MoveNextAsync().AsTask().InTimeAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task WhatIsInspected_IsAnsweredByTheInspector()
    {
        var options = new RpcServerOptions { Inspect = message => throw new RpcException(RpcCode.InvalidArgument, $"no {message.Descriptor.Name}") };
        await using var host = await TestHost.StartAsync(options);
        using var channel = new RpcChannel(host.Address);
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync());
        (error.Code, error.Message).ShouldBe((RpcCode.InvalidArgument, "no Empty"));
    }

    [Fact]
    public async Task AStormOfResets_LeavesNothingBehind()
    {
        await using var host = await TestHost.StartAsync();
        using var socket = await RawHttp2.ConnectAsync(host.Port);
        await SendAsync(socket, RawHttp2.Preface());
        for (var stream = 1; stream < 200; stream += 2)
        {
            await SendAsync(
                socket, RawHttp2.Call(stream, Methods.Empty.Path, (TestService.ModeHeader, "hang")), RawHttp2.Data(stream, Framed(new Empty()), end: true),
                RawHttp2.Reset(stream, 8));
        }

        await host.IsIdleAsync();
        using var channel = new RpcChannel(host.Address);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
    }

    [Fact]
    public async Task AStormOfDeadlines_LeavesNothingBehind()
    {
        await using var host = await TestHost.StartAsync();
        using var channel = new RpcChannel(host.Address);
        var options = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(20), Headers = new RpcMetadata { { TestService.ModeHeader, "hang" } } };
        var calls = Enumerable.Range(0, 300).Select(_ => Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty(), options).InTimeAsync()));
        foreach (var error in await Task.WhenAll(calls)) error.Code.ShouldBe(RpcCode.DeadlineExceeded);
        await host.IsIdleAsync();
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
    }

    private static RpcCallOptions Mode(string mode) => new() { Headers = new RpcMetadata { { TestService.ModeHeader, mode } } };

    private static async Task SendAsync(Socket socket, params byte[][] frames)
    {
        foreach (var frame in frames) await socket.SendAsync(frame);
    }

    private static byte[] Framed(Google.Protobuf.IMessage message)
    {
        using var frame = MessageContent.Frame(message, compress: false);
        return frame.Written.ToArray();
    }

    private sealed class Recording(string name, List<string> seen) : IRpcInterceptor
    {
        public async Task InvokeAsync(RpcContext context, RpcHandler next)
        {
            seen.Add($"{name} begins");
            var code = RpcCode.Ok;
            try
            {
                await next(context);
            }
            catch (RpcException error)
            {
                code = error.Code;
                throw;
            }
            finally
            {
                seen.Add($"{name} ends: {code}");
            }
        }
    }

    private sealed class Authorizing(string wanted) : IRpcInterceptor
    {
        public Task InvokeAsync(RpcContext context, RpcHandler next) =>
            context.RequestHeaders["authorization"] == wanted ? next(context) : throw new RpcException(RpcCode.Unauthenticated, "no");
    }

    private sealed class ClientRecording(List<string> seen) : IRpcClientInterceptor
    {
        public ValueTask StartAsync(RpcClientCall call, CancellationToken cancellation) => ValueTask.CompletedTask;

        public void Finished(RpcClientCall call, RpcCode code) => seen.Add($"{call.Method.Path}: {code}, {call.Attempts}");
    }
}
