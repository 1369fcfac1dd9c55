using System.Diagnostics;
using Npgsql;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Bench.Cluster;

/// <summary>Runs of no-op tasks, triggered by gRPC as fast as they are taken, until all have ended.</summary>
internal static class Burst
{
    private const int Layers = 5;
    private const int Width = 5;

    /// <summary>The limits of a pool are no part of the question.</summary>
    private const int Slots = 1_000_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Tasks per second from the first trigger to the end of the last run, which is counted in the database.</summary>
    /// <param name="servers">Triggered in turns.</param>
    /// <param name="database">Their database, in which nothing else runs.</param>
    /// <param name="runs">How many runs.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<double> MeasureAsync(IReadOnlyList<FlowDev> servers, string database, int runs, CancellationToken cancellation)
    {
        var builder = OrleansFlow.Client.Dags.Dag.Create("burst").MaxActiveRuns(1_000_000);
        for (var layer = 0; layer < Layers; layer++)
            for (var place = 0; place < Width; place++)
            {
                string[] needs = layer == 0 ? [] : [.. Enumerable.Range(0, Width).Select(above => $"t{layer - 1}_{above}")];
                builder = builder.Task($"t{layer}_{place}", task => task.Noop().Needs(needs));
            }

        await servers[0].Client.SetPoolAsync("default", Slots, cancellation: cancellation);
        await servers[0].Client.ApplyAsync(builder.Build(), cancellation: cancellation);
        await using var rows = NpgsqlDataSource.Create(database);
        var before = await EndedAsync(rows, cancellation);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, runs)
            .Select(i => servers[i % servers.Count].Client.TriggerAsync(new DagId("burst"), cancellation: cancellation)));
        while (await EndedAsync(rows, cancellation) < before + runs)
        {
            if (clock.Elapsed > Patience) throw new BenchException($"not all of {runs} runs ended");
            await Task.Delay(Look, TimeProvider.System, cancellation);
        }

        return runs * Layers * Width / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> EndedAsync(NpgsqlDataSource rows, CancellationToken cancellation)
    {
        await using var command = rows.CreateCommand("SELECT count(*) FROM dag_run WHERE state = 'success'");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
