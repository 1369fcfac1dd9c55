using System.Diagnostics;
using System.Globalization;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Bench.Results;
using OrleansFlow.Client;
using OrleansFlow.Client.Dags;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Bench.Watch;

/// <summary>Many watchers of one run that changes often: how old is what they see? The server is a process of its own, the watchers are this one.</summary>
internal sealed class WatchBench(Arguments arguments, TextWriter output)
{
    private const int Count = 1_000;
    private const double ChangesPerSecond = 50;
    private const int Slots = 1_000_000;
    private readonly int _changes = arguments.Quick ? 300 : 1_500;
    private readonly TimeSpan _ceiling = TimeSpan.FromSeconds(arguments.Quick ? 1 : 5);

    public Task<int> RunAsync(CancellationToken cancellation) =>
        ProgramBench.RunAsync(arguments, output, MeasureAsync, Write, cancellation);

    private async Task<WatchResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var surroundings = Surroundings.Look();
        await output.WriteLineAsync($"OrleansFlow {surroundings.OrleansFlow}, {surroundings.Runtime}, {surroundings.Processors} processors, load {surroundings.LoadAverage}");
        var before = Loopback.Measure(_ceiling, cancellation);
        var (watchers, seconds) = await WatchAsync(folder, cancellation);
        var after = Loopback.Measure(_ceiling, cancellation);
        var p99 = watchers.Lags.Percentile(0.99);
        return new WatchResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = arguments.Quick,
            Watchers = Count,
            Changes = _changes,
            ChangesPerSecond = _changes / seconds,
            Told = watchers.Lags.Count,
            LagP50Ms = watchers.Lags.Percentile(0.5),
            LagP99Ms = p99,
            LagMaxMs = watchers.Greatest,
            MessagesPerWatcherAndSecond = watchers.Messages / (double)Count / seconds,
            Aims = [new Aim("lag of a change at a watcher, p99", p99, WatchResult.AimLagMs, AtLeast: false, "ms")],
            VoidBecause = Loopback.Moved(before, after),
            LoopbackBefore = before,
            LoopbackAfter = after,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    private async Task<(Watchers Watchers, double Seconds)> WatchAsync(string folder, CancellationToken cancellation)
    {
        await using var server = Child.OfBench(WatchServer.Role, folder);
        var address = await server.LineAsync(cancellation);
        var token = (await File.ReadAllTextAsync(Path.Combine(folder, "api.token"), cancellation)).Trim();
        var options = new FlowClientOptions { Token = token };
        options.Addresses.Add(address);
        using var client = new FlowClient(options);
        var run = await StartAsync(client, cancellation);
        var watchers = new Watchers(address, token, run, TimeProvider.System);
        var watching = watchers.WatchAsync(Count, cancellation);
        await Task.WhenAny(watchers.Ready, watching);
        await watchers.Ready;
        var clock = Stopwatch.StartNew();
        await server.SayAsync(ChangesPerSecond.ToString(CultureInfo.InvariantCulture));
        await watching;
        var told = watchers.Lags.Count;
        return told == (long)Count * _changes
            ? (watchers, clock.Elapsed.TotalSeconds)
            : throw new BenchException($"{Count} watchers of {_changes} changes were told of {told}");
    }

    /// <summary>A run all of whose tasks are running.</summary>
    private async Task<string> StartAsync(FlowClient client, CancellationToken cancellation)
    {
        await client.SetPoolAsync("default", Slots, cancellation: cancellation);
        var dag = OrleansFlow.Client.Dags.Dag.Create("watch");
        for (var i = 0; i < _changes; i++) dag.Task($"t{i}", t => t.Command("true"));
        var run = await client.TriggerAsync(dag.Build(), cancellation: cancellation);
        await foreach (var snapshot in client.WatchRunAsync(ResourceNames.Run(run.Name), statesOnly: true, cancellation))
            if (snapshot.Tasks.Values.Count(task => task.State == TaskState.Running) == _changes)
                return run.Name;
        throw new BenchException("the run of the bench ended before it was watched");
    }

    private void Write(WatchResult result) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {result.Watchers} watchers, {result.Changes} changes at {result.ChangesPerSecond:0.0}/s, {result.MessagesPerWatcherAndSecond:0.0} messages/s each
        lag at a watcher             p50 {result.LagP50Ms:0} ms, p99 {result.LagP99Ms:0} ms, max {result.LagMaxMs:0} ms
        ceiling: loopback            {result.LoopbackBefore:N0}/s before, {result.LoopbackAfter:N0}/s after
        """));
}
