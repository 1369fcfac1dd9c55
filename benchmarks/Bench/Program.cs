using System.Runtime.InteropServices;
using Npgsql;
using OrleansFlow.Bench;
using OrleansFlow.Bench.Throughput;
using OrleansFlow.Bench.Transitions;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;

using var interrupted = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

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

// What was started is stopped: the database of the bench is no child that ends with it.
void Interrupt(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupted.Cancel();
}
