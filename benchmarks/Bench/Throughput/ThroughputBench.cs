using Npgsql;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;
using OrleansFlow.Execution.LocalProcess.Noop;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Bench.Throughput;

/// <summary>
/// How many no-op tasks per second the whole system keeps up with, end to end: triggered through the coordinator of a DAG, dispatched to
/// a backend that does nothing, every row final in PostgreSQL. Or triggered by gRPC, through the API.
/// </summary>
internal sealed class ThroughputBench(ThroughputPlan plan, bool throughApi, string results, TextWriter output)
{
    // The limits of a pool are no part of the question.
    private const int Slots = 1_000_000;
    private readonly TimeProvider _time = TimeProvider.System;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"flow-bench-{Path.GetRandomFileName()}");
        try
        {
            var result = await MeasureAsync(folder, cancellation);
            ThroughputTable.WriteResult(output, result);
            await output.WriteLineAsync($"written to {await ResultFile.WriteAsync(results, result, result.Bench, result.At, cancellation)}");
            if (plan.Counts && result.VoidBecause.Count > 0) return ExitCodes.Void;
            return plan.Counts && result.SustainedTasksPerSecond < ThroughputResult.AimTasksPerSecond ? ExitCodes.Missed : ExitCodes.Done;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<ThroughputResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var options = new FlowHostOptions { DataFolder = folder };
        await using var host = await EmbeddedHost.StartAsync(options, new NoopBackend(_time), null, cancellation);
        await using var server = await PostgresReader.TryFindRunningAsync(DataFolder.Open(folder), cancellation)
            ?? throw new BenchException("the host runs without its PostgreSQL");
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        var surroundings = await Surroundings.LookAsync(database, cancellation);
        ThroughputTable.WriteSurroundings(output, surroundings);

        var meter = new CeilingMeter(folder, server.ConnectionString, plan.Ceiling);
        var before = await meter.MeasureAsync(cancellation);
        var dag = await PrepareAsync(host, cancellation);
        await using ITrigger trigger = throughApi ? await ApiTrigger.StartAsync(host, cancellation) : new CoordinatorTrigger(dag);
        ThroughputTable.WriteHeader(output);
        var climb = new Climb(plan, database, new OpenLoop(trigger, _time), _time, step => ThroughputTable.WriteStep(output, step));
        var steps = await climb.RunAsync(cancellation);
        var after = await meter.MeasureAsync(cancellation);
        return ThroughputResult.Of(throughApi, _time.GetUtcNow(), !plan.Counts, steps, before, after, surroundings);
    }

    private static async Task<IDag> PrepareAsync(EmbeddedHost host, CancellationToken cancellation)
    {
        var pool = await host.Peers.Pool("default").SetSlotsAsync(new SetSlots(Slots), cancellation);
        if (!pool.Accepted) throw new BenchException($"the pool cannot be widened: {pool.Problem}");
        var dag = host.Peers.Dag(LayeredDag.Id);
        var applied = await dag.ApplyAsync(LayeredDag.Version(), cancellation);
        return applied.Problem is { } problem ? throw new BenchException($"the DAG of the bench was refused: {problem}") : dag;
    }
}
