using System.Runtime.InteropServices;
using Npgsql;
using OrleansFlow.Bench;
using OrleansFlow.Bench.Cluster;
using OrleansFlow.Bench.Dev;
using OrleansFlow.Bench.Failover;
using OrleansFlow.Bench.Rpc;
using OrleansFlow.Bench.Throughput;
using OrleansFlow.Bench.Transitions;
using OrleansFlow.Bench.Watch;
using OrleansFlow.Client.Errors;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;

using var interrupted = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

// Processes that a bench starts of its own program.
switch (args)
{
    case [EchoServer.Role]:
        await EchoServer.RunAsync();
        return ExitCodes.Done;
    case [CallClient.Role]:
        await CallClient.RunAsync();
        return ExitCodes.Done;
    case [WatchServer.Role, var folder]:
        await WatchServer.RunAsync(folder);
        return ExitCodes.Done;
}

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
        code = Math.Max(code, await (bench switch
        {
            "transitions" => new TransitionsBench(arguments.Quick, arguments.Results, Console.Out).RunAsync(interrupted.Token),
            "throughput" => new ThroughputBench(plan, throughApi: false, arguments.Results, Console.Out).RunAsync(interrupted.Token),
            "throughput-api" => new ThroughputBench(plan, throughApi: true, arguments.Results, Console.Out).RunAsync(interrupted.Token),
            "rpc" => new RpcBench(arguments, Console.Out).RunAsync(interrupted.Token),
            "watch" => new WatchBench(arguments, Console.Out).RunAsync(interrupted.Token),
            "dev" => new DevBench(arguments, Console.Out).RunAsync(interrupted.Token),
            "failover" => new FailoverBench(arguments, Console.Out).RunAsync(interrupted.Token),
            "cluster" => new ClusterBench(arguments, Console.Out).RunAsync(interrupted.Token),
            _ => throw new BenchException($"there is no bench '{bench}'"),
        }));
    return code;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("bench: interrupted; nothing was recorded");
    return ExitCodes.Failed;
}
catch (Exception e) when (e is HostStartException or BenchException or FlowException or StoreException or NpgsqlException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return ExitCodes.Failed;
}

// What was started is stopped: the database of the bench is no child that ends with it.
void Interrupt(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupted.Cancel();
}
