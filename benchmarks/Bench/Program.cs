using Npgsql;
using OrleansFlow.Bench;
using OrleansFlow.Bench.Throughput;
using OrleansFlow.Bench.Transitions;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return ExitCodes.Usage;
}

try
{
    var plan = arguments.Quick ? ThroughputPlan.Quick : ThroughputPlan.Full;
    var code = ExitCodes.Done;
    foreach (var bench in arguments.Benches)
        code = Math.Max(code, bench == "transitions"
            ? await new TransitionsBench(arguments.Quick, arguments.Results, Console.Out).RunAsync(interrupted.Token)
            : await new ThroughputBench(plan, arguments.Results, Console.Out).RunAsync(interrupted.Token));
    return code;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("bench: interrupted; nothing was recorded");
    return ExitCodes.Failed;
}
catch (Exception e) when (e is HostStartException or BenchException or StoreException or NpgsqlException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return ExitCodes.Failed;
}
