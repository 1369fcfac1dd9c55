using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>What callers do to a server by mistake, by load or on purpose: each gets a clear answer, and nobody else is harmed.</summary>
public sealed class AbuseTests(AbusedServer abused, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<AbusedServer>
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(2);
    private readonly ApiServer _server = abused.Server;

    [Fact]
    public async Task TwoHundredClientsAtOnce_TriggerListAndWatch_ToTheEnd()
    {
        var states = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var channel = _server.NewChannel();
            var run = await channel.UnaryAsync(Methods.Trigger, new TriggerRunRequest { Dag = "dags/quick", RequestId = $"client-{i}" });
            (await channel.UnaryAsync(Methods.List, new ListRunsRequest { Dag = "dags/quick", PageSize = 10 })).Runs.ShouldNotBeEmpty();
            var watched = new WatchedRun();
            await foreach (var message in channel.ServerStreaming(Methods.Watch, new WatchRunRequest { Name = run.Name })) watched.Take(message);
            return watched.Run.State;
        })).WaitAsync(Ceiling);
        states.ShouldAllBe(state => state == RunState.Success);
    }

    [Theory]
    [InlineData("/orleansflow.v1.RunService/WatchRun", "wide")]
    [InlineData("/orleansflow.v1.RunService/WatchRunEvents", "wide")]
    [InlineData("/orleansflow.v1.LogService/StreamLogs", "talkative")]
    public async Task AReaderWhoNeverReads_IsCutOff_AsExhausted(string method, string dag)
    {
        var run = await abused.EndedAsync(dag);
        using var socket = await RawHttp2.ConnectAsync(new Uri(_server.Grpc).Port);
        await SendAsync(socket, RawHttp2.Preface((4, 1000)), Call(1, method), RawHttp2.Data(1, Framed(new WatchRunRequest { Name = run }), end: true));
        (await RawHttp2.ResetOfAsync(socket, stream: 1).WaitAsync(Ceiling)).ShouldBe(0xbu, "ENHANCE_YOUR_CALM is RESOURCE_EXHAUSTED of gRPC");
        await IsWellAsync();
    }

    [Fact]
    public async Task TenThousandWatchesOfOneRun_AreServed_InBoundedMemory_WithRoomForOthers()
    {
        const int connections = 26;
        const int each = 390;
        File.Delete(Path.Combine(abused.Flow.Gates, "go"));
        var run = await abused.TriggerAsync("waiting");
        await abused.Flow.OpenedAsync("started");
        var before = abused.Memory();
        var sockets = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => RawHttp2.ConnectAsync(new Uri(_server.Grpc).Port)));
        var watches = sockets.Select(socket => new Watches(socket, each)).ToArray();
        await Task.WhenAll(watches.Select(watch => watch.OpenAsync(Call, Framed(new WatchRunRequest { Name = run, StatesOnly = true })))).WaitAsync(Ceiling);

        var grown = abused.Memory() - before;
        output.WriteLine($"{connections * each} watches take {grown / 1024 / 1024} MiB");
        grown.ShouldBeLessThan(400L * 1024 * 1024);
        (await _server.Channel.UnaryAsync(Methods.Get, new GetRunRequest { Name = run })).State.ShouldBe(RunState.Running);
        await IsWellAsync();

        abused.Flow.Open("go");
        await Task.WhenAll(watches.Select(watch => watch.Ended)).WaitAsync(Ceiling);
        watches.ShouldAllBe(watch => watch.FailedCount == 0);
        foreach (var socket in sockets) socket.Dispose();
        await IsWellAsync();
    }

    [Fact]
    public async Task MoreStreamsThanAConnectionMayHave_AreRefused_AndItsOtherCallsGetThrough()
    {
        File.Delete(Path.Combine(abused.Flow.Gates, "go"));
        var run = await abused.TriggerAsync("waiting");
        using var channel = _server.NewChannel();
        var open = new List<IAsyncEnumerator<WatchRunResponse>>();
        for (var i = 0; i < AbusedServer.StreamsOfConnection; i++)
        {
            open.Add(channel.ServerStreaming(Methods.Watch, new WatchRunRequest { Name = run, StatesOnly = true }).GetAsyncEnumerator());
            (await open[^1].MoveNextAsync()).ShouldBeTrue();
        }

        await using var oneMore = channel.ServerStreaming(Methods.Watch, new WatchRunRequest { Name = run }).GetAsyncEnumerator();
        var refused = await Should.ThrowAsync<RpcException>(async () => await oneMore.MoveNextAsync());
        (refused.Code, refused.Detail<ErrorInfo>()!.Reason).ShouldBe((RpcCode.ResourceExhausted, "TOO_MANY_CALLS"));
        refused.Message.ShouldContain($"of one connection is {AbusedServer.StreamsOfConnection}");
        await channel.UnaryAsync(Methods.Info, new GetSystemInfoRequest());
        await open[0].DisposeAsync();
        await Harness.Eventually.TrueAsync(async () =>
        {
            await using var again = channel.ServerStreaming(Methods.Watch, new WatchRunRequest { Name = run }).GetAsyncEnumerator();
            try
            {
                return await again.MoveNextAsync();
            }
            catch (RpcException full) when (full.Code == RpcCode.ResourceExhausted)
            {
                return false;
            }
        }, "a place that was left is free");
        abused.Flow.Open("go");
        foreach (var stream in open) await stream.DisposeAsync();
    }

    [Fact]
    public async Task AStormOfDeadlines_LeavesTheServerAsItWas()
    {
        var run = await abused.EndedAsync("quick");
        var before = abused.Memory();
        var channels = Enumerable.Range(0, 8).Select(_ => _server.NewChannel()).ToArray();
        var options = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(1) };
        var codes = await Task.WhenAll(Enumerable.Range(0, 4000).Select(async i =>
        {
            try
            {
                await channels[i % channels.Length].UnaryAsync(Methods.Get, new GetRunRequest { Name = run }, options);
                return RpcCode.Ok;
            }
            catch (RpcException late)
            {
                return late.Code;
            }
        })).WaitAsync(Ceiling);
        codes.ShouldAllBe(code => code == RpcCode.Ok || code == RpcCode.DeadlineExceeded);
        codes.ShouldContain(RpcCode.DeadlineExceeded);
        foreach (var channel in channels) channel.Dispose();
        (await _server.Channel.UnaryAsync(Methods.Get, new GetRunRequest { Name = run })).Name.ShouldBe(run);
        (abused.Memory() - before).ShouldBeLessThan(300L * 1024 * 1024);
    }

    [Fact]
    public async Task AMessageOf16MiB_IsRefusedWithTheLimit_AndTheConnectionsOtherCallsGoOn()
    {
        File.Delete(Path.Combine(abused.Flow.Gates, "go"));
        var run = await abused.TriggerAsync("waiting");
        await using var watch = _server.Channel.ServerStreaming(Methods.Watch, new WatchRunRequest { Name = run }).GetAsyncEnumerator();
        (await watch.MoveNextAsync()).ShouldBeTrue();
        var large = new ApplyDagRequest { Source = new DagSource { Yaml = ByteString.CopyFrom(new byte[16 * 1024 * 1024]) } };
        var refused = await Should.ThrowAsync<RpcException>(_server.Channel.UnaryAsync(Methods.Apply, large));
        refused.Code.ShouldBe(RpcCode.ResourceExhausted, refused.Message);
        var info = refused.Detail<ErrorInfo>()!;
        (info.Reason, info.Metadata["limit"]).ShouldBe(("MESSAGE_TOO_LARGE", "12582912"));
        refused.Message.ShouldContain("12582912 bytes");
        var (status, answer) = await _server.TryAsync("DagService/ApplyDag", $$"""{"why": "{{new string('x', 16 * 1024 * 1024)}}"}""");
        status.ShouldBe(HttpStatusCode.TooManyRequests, answer.ToJsonString());
        answer.ToJsonString().ShouldContain("MESSAGE_TOO_LARGE");
        abused.Flow.Open("go");
        while (await watch.MoveNextAsync())
        {
        }

        await IsWellAsync();
    }

    [Fact]
    public async Task AFrameThatIsCutOff_IsAnswered_AndHarmsNobody()
    {
        using var socket = await RawHttp2.ConnectAsync(new Uri(_server.Grpc).Port);
        var begun = Framed(new GetRunRequest { Name = new string('r', 100) })[..20];
        await SendAsync(socket, RawHttp2.Preface(), Call(1, Methods.Get.Path), RawHttp2.Data(1, begun, end: true));
        while (await RawHttp2.ReadFrameAsync(socket).WaitAsync(Ceiling) is not { Type: 1, Stream: 1 })
        {
        }

        await SendAsync(socket, Call(3, Methods.Info.Path), RawHttp2.Data(3, Framed(new GetSystemInfoRequest()), end: true));
        while (await RawHttp2.ReadFrameAsync(socket).WaitAsync(Ceiling) is not { Type: 0, Stream: 3 })
        {
        }

        // And one whose connection ends in the middle of a frame of HTTP/2 itself.
        await SendAsync(socket, Call(5, Methods.Get.Path)[..15]);
        socket.Close();
        await IsWellAsync();
    }

    [Fact]
    public async Task AWrongPort_SaysWhichIsTheRightOne()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_server.Grpc));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(_server.Http);

        using var channel = _server.NewChannel(address: _server.Http);
        var refused = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Info, new GetSystemInfoRequest()));
        refused.Code.ShouldBe(RpcCode.Unimplemented, refused.Message);
        refused.Message.ShouldContain(_server.Grpc);

        // What is neither HTTP/1.1 nor HTTP/2 is closed, and that is all.
        using var noise = await RawHttp2.ConnectAsync(new Uri(_server.Grpc).Port);
        await noise.SendAsync(new byte[64]);
        using var patience = new CancellationTokenSource(Ceiling);
        try
        {
            while (await noise.ReceiveAsync(new byte[4096], patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // closed, in haste
        }

        await IsWellAsync();
    }

    private async Task IsWellAsync() =>
        (await _server.CallAsync("SystemService/GetHealth", "{}"))["status"]!.GetValue<string>().ShouldBe("HEALTH_STATUS_SERVING");

    private byte[] Call(int stream, string path) => RawHttp2.Call(stream, path, ("authorization", $"Bearer {_server.Token}"));

    private static byte[] Framed(IMessage message)
    {
        var body = message.ToByteArray();
        return [0, (byte)(body.Length >> 24), (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    private static async Task SendAsync(Socket socket, params byte[][] frames)
    {
        foreach (var frame in frames) await socket.SendAsync(frame);
    }

    /// <summary>Many watches on one connection, as cheaply as can be.</summary>
    private sealed class Watches(Socket socket, int count)
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<int> _begun = [];
        private int _ended;

        public Task Ended { get; private set; } = Task.CompletedTask;

        /// <summary>Streams that ended before they sent anything.</summary>
        public int FailedCount { get; private set; }

        public async Task OpenAsync(Func<int, string, byte[]> call, byte[] request)
        {
            await SendAsync(socket, RawHttp2.Preface(), RawHttp2.Window(0, 1 << 30));
            Ended = Task.Run(ReadAsync);
            for (var i = 0; i < count; i++)
                await socket.SendAsync((byte[])[.. call(2 * i + 1, Methods.Watch.Path), .. RawHttp2.Data(2 * i + 1, request, end: true)]);
            await Task.WhenAny(_open.Task, Ended);
        }

        private async Task ReadAsync()
        {
            while (_ended < count)
            {
                var (type, flags, stream, body) = await RawHttp2.ReadFrameAsync(socket);
                if (type == 6 && (flags & 1) == 0) await socket.SendAsync(RawHttp2.Frame(6, 1, 0, body));
                if (type == 0 && _begun.Add(stream) && _begun.Count == count) _open.TrySetResult();
                if (type is not (0 or 1) || (flags & RawHttp2.EndStream) == 0) continue;
                _ended++;
                if (!_begun.Contains(stream)) FailedCount++;
            }
        }
    }
}
