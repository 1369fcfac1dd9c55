using System.Globalization;
using System.Text.Json;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Bench.Results;
using OrleansFlow.Client;
using OrleansFlow.Client.Dags;

namespace OrleansFlow.Bench.Rpc;

/// <summary>
/// Unary calls, a process for the client and one for the server: ours beside <c>@grpc/grpc-js</c>, and each client with the other's server, in
/// turns; and a method that users wait for, <c>GetRun</c> of a real <c>flow dev</c>.
/// </summary>
internal sealed class RpcBench(Arguments arguments, TextWriter output)
{
    private const string Ours = "ours", Js = "grpc-js", Dev = "flow dev";
    private const int Small = 100, Large = 64 * 1024;

    // Node.js takes that long until it is as fast as it gets.
    private const double WarmUpSeconds = 4;
    private static readonly (string Client, string Server)[] s_pairs = [(Ours, Ours), (Js, Js), (Ours, Js), (Js, Ours)];
    private readonly double _slice = arguments.Quick ? 0.7 : 3;
    private readonly int _rounds = arguments.Quick ? 2 : 7;
    private readonly Dictionary<(string Client, string Server, int Callers, int Size), List<CallTally>> _tallies = [];

    public Task<int> RunAsync(CancellationToken cancellation) =>
        ProgramBench.RunAsync(arguments, output, MeasureAsync, Write, cancellation);

    private async Task<RpcResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var surroundings = Surroundings.Look();
        var node = await Node.VersionAsync(cancellation);
        await output.WriteLineAsync(
            $"OrleansFlow {surroundings.OrleansFlow}, {surroundings.Runtime}, Node.js {node}, {surroundings.Processors} processors, load {surroundings.LoadAverage}");
        var before = Loopback.Measure(TimeSpan.FromSeconds(_slice), cancellation);
        await CompareAsync(cancellation);
        await AskForRunsAsync(folder, cancellation);
        var after = Loopback.Measure(TimeSpan.FromSeconds(_slice), cancellation);
        return new RpcResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = arguments.Quick,
            SliceSeconds = _slice,
            Numbers = [.. _tallies.Select(entry => NumbersOf(entry.Key, entry.Value))],
            Ratios = [.. new[] { (1, Small), (16, Small), (64, Small), (16, Large) }.Select(of => RatioOf(of.Item1, of.Item2))],
            Aims =
            [
                new Aim("a call, one caller, p50", Median((Ours, Ours, 1, Small), tally => tally.P50), RpcResult.AimP50Ms, AtLeast: false, "ms"),
                new Aim(
                    "calls, many callers", new[] { 16, 64 }.Max(callers => Median((Ours, Ours, callers, Small), tally => tally.PerSecond)),
                    RpcResult.AimCallsPerSecond, AtLeast: true, "per second"),
            ],
            VoidBecause = Loopback.Moved(before, after),
            LoopbackBefore = before,
            LoopbackAfter = after,
            Node = node,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    /// <summary>The echo, in turns. The first round warms up and does not count.</summary>
    private async Task CompareAsync(CancellationToken cancellation)
    {
        await using var ourServer = Child.OfBench(EchoServer.Role);
        await using var ourClient = Child.OfBench(CallClient.Role);
        await using var jsServer = Node.Start("grpc-js-server.mjs");
        await using var jsClient = Node.Start("grpc-js-client.mjs");
        var servers = new Dictionary<string, string> { [Ours] = await TargetAsync(ourServer, cancellation), [Js] = await TargetAsync(jsServer, cancellation) };
        var clients = new Dictionary<string, Child> { [Ours] = ourClient, [Js] = jsClient };
        for (var round = 0; round <= _rounds; round++)
        {
            foreach (var (callers, size) in new[] { (1, Small), (16, Small), (64, Small), (16, Large) })
            {
                foreach (var (client, server) in s_pairs)
                {
                    if (size == Large && client != server) continue;
                    var tally = await AskAsync(clients[client], new CallOrder(servers[server], callers, round == 0 ? WarmUpSeconds : _slice, size), cancellation);
                    if (round > 0) Keep((client, server, callers, size), tally);
                }
            }

            if (round > 0) await output.WriteLineAsync($"round {round} of {_rounds}");
        }
    }

    private async Task AskForRunsAsync(string folder, CancellationToken cancellation)
    {
        await using var dev = await FlowDev.StartAsync(arguments.RequireProgram(), folder, cancellation);
        var run = await dev.Client.TriggerAsync(
            OrleansFlow.Client.Dags.Dag.Create("rpc").Task("first", t => t.Command("true")).Task("second", t => t.Needs("first").Command("true")).Build(),
            cancellation: cancellation);
        await dev.Client.WaitAsync(ResourceNames.Run(run.Name), cancellation);
        await using var client = Child.OfBench(CallClient.Role);
        for (var round = 0; round <= _rounds; round++)
        {
            foreach (var callers in new[] { 1, 16 })
            {
                var order = new CallOrder(dev.Address, callers, _slice, 0, run.Name, dev.Token);
                var tally = await AskAsync(client, order, cancellation);
                if (round > 0) Keep((Ours, Dev, callers, 0), tally);
            }
        }
    }

    private static async Task<string> TargetAsync(Child server, CancellationToken cancellation) => $"127.0.0.1:{await server.LineAsync(cancellation)}";

    private static async Task<CallTally> AskAsync(Child client, CallOrder order, CancellationToken cancellation)
    {
        await client.SayAsync(JsonSerializer.Serialize(order, JsonSerializerOptions.Web));
        return JsonSerializer.Deserialize<CallTally>(await client.LineAsync(cancellation), JsonSerializerOptions.Web)!;
    }

    private void Keep((string, string, int, int) of, CallTally tally)
    {
        if (!_tallies.TryGetValue(of, out var kept)) _tallies.Add(of, kept = []);
        kept.Add(tally);
    }

    private double Median((string, string, int, int) of, Func<CallTally, double> number) => Spread.Of(_tallies[of].Select(number)).Median;

    private RpcRatio RatioOf(int callers, int size) => new(
        callers, size, Spread.Of(_tallies[(Ours, Ours, callers, size)].Zip(_tallies[(Js, Js, callers, size)], (ours, js) => ours.PerSecond / js.PerSecond)));

    private static RpcNumbers NumbersOf((string Client, string Server, int Callers, int Size) of, List<CallTally> tallies) => new(
        of.Client, of.Server, of.Callers, of.Size,
        Spread.Of(tallies.Select(tally => tally.PerSecond)), Spread.Of(tallies.Select(tally => tally.P50)), Spread.Of(tallies.Select(tally => tally.P99)));

    private void Write(RpcResult result)
    {
        string Line(params object[] cells) => string.Create(
            CultureInfo.InvariantCulture, $"{cells[0],-9} {cells[1],-9} {cells[2],8} {cells[3],8} {cells[4],9:N0} {cells[5],9:0.000} {cells[6],9:0.000}");
        output.WriteLine("\nmedians of the rounds; the last lines are GetRun\n" + Line("client", "server", "callers", "bytes", "calls/s", "p50 ms", "p99 ms"));
        foreach (var of in result.Numbers)
            output.WriteLine(Line(of.Client, of.Server, of.Callers, of.Size, of.CallsPerSecond.Median, of.P50Ms.Median, of.P99Ms.Median));
        foreach (var (callers, size, ratio) in result.Ratios)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"ours by grpc-js, {callers} callers, {size} bytes: median {ratio.Median:0.00}, {ratio.Least:0.00} to {ratio.Most:0.00}, {ratio.Count} pairs"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ceiling: loopback {result.LoopbackBefore:N0}/s before, {result.LoopbackAfter:N0}/s after"));
    }
}
