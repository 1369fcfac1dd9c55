using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Bench.Rpc;

/// <summary>The process of our client: takes orders, one a line, and answers each with a line.</summary>
internal static class CallClient
{
    public const string Role = "rpc-client";

    private static readonly RpcMethod<SimpleRequest, SimpleResponse> Echo =
        RpcMethod.Of<SimpleRequest, SimpleResponse>(TestReflection.Descriptor.Services[0], "UnaryCall");

    private static readonly RpcMethod<GetRunRequest, Run> GetRun = RpcMethod.Of<GetRunRequest, Run>(RunServiceReflection.Descriptor.Services[0], "GetRun");

    public static async Task RunAsync()
    {
        var channels = new Dictionary<string, RpcChannel>(StringComparer.Ordinal);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var order = JsonSerializer.Deserialize<CallOrder>(line, JsonSerializerOptions.Web)!;
            if (!channels.TryGetValue(order.Target, out var channel)) channels.Add(order.Target, channel = Connect(order));
            Console.WriteLine(JsonSerializer.Serialize(await CallAsync(channel, order), JsonSerializerOptions.Web));
        }

        foreach (var channel in channels.Values) channel.Dispose();
    }

    private static RpcChannel Connect(CallOrder order) => new(order.Target, new RpcChannelOptions
    {
        BearerToken = order.Token is null ? null : _ => ValueTask.FromResult<string?>(order.Token),
    });

    private static async Task<CallTally> CallAsync(RpcChannel channel, CallOrder order)
    {
        Func<Task> call = order.Run is { } run
            ? () => channel.UnaryAsync(GetRun, new GetRunRequest { Name = run })
            : EchoOf(channel, order.Size);
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, order.Callers).Select(_ => Task.Run(() => CallAsync(call, clock, order.Seconds))));
        var seconds = clock.Elapsed.TotalSeconds;
        double[] all = [.. times.SelectMany(list => list).Order()];
        return new CallTally(all.Length, seconds, Latencies.Percentile(all, 0.5), Latencies.Percentile(all, 0.99));
    }

    private static Func<Task> EchoOf(RpcChannel channel, int size)
    {
        var request = new SimpleRequest { ResponseSize = size, Payload = new Payload { Body = ByteString.CopyFrom(new byte[size]) } };
        return async () =>
        {
            var response = await channel.UnaryAsync(Echo, request);
            if (response.Payload.Body.Length != size) throw new BenchException($"asked for {size} bytes, got {response.Payload.Body.Length}");
        };
    }

    private static async Task<List<double>> CallAsync(Func<Task> call, Stopwatch clock, double seconds)
    {
        var times = new List<double>();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            var begun = Stopwatch.GetTimestamp();
            await call();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;
    }
}
