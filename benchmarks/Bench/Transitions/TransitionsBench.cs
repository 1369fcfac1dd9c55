using System.Globalization;
using Npgsql;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Bench.Transitions;

/// <summary>
/// Durable task transitions per second: what the store makes of many coordinators that commit (a task instance's row by compare-and-set
/// and a line of history each), beside the plainest thing one could do instead: single-row compare-and-set updates, without history, each
/// its own transaction, 64 clients. Interleaved on one server, a database each; the ratio of each pair is what counts.
/// </summary>
internal sealed class TransitionsBench(bool quick, string results, TextWriter output)
{
    private const int Clients = 64;
    private const int Many = 2_000;
    private readonly TimeSpan _slice = TimeSpan.FromSeconds(quick ? 1 : 5);
    private readonly TimeSpan _ceiling = TimeSpan.FromSeconds(quick ? 1.5 : 5);
    private readonly int _pairs = quick ? 3 : 9;
    private readonly List<double> _many = [], _few = [], _single = [];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"flow-bench-{Path.GetRandomFileName()}");
        try
        {
            var result = await MeasureAsync(folder, cancellation);
            Write(result);
            await output.WriteLineAsync($"written to {await ResultFile.WriteAsync(results, result, result.Bench, result.At, cancellation)}");
            return !quick && result.VoidBecause.Count > 0 ? ExitCodes.Void : ExitCodes.Done;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<TransitionsResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        using var locked = DataFolder.Open(folder).Lock();
        await using var server = await PostgresServer.StartAsync(locked, null, cancellation);
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        var surroundings = await Surroundings.LookAsync(database, cancellation);
        var meter = new CeilingMeter(folder, server.ConnectionString, _ceiling);
        var before = await meter.MeasureAsync(cancellation);
        var problem = await CompareAsync(
            await CreateAsync(database, server, "bench_store", cancellation), await CreateAsync(database, server, "bench_rows", cancellation), cancellation);
        var after = await meter.MeasureAsync(cancellation);
        return new TransitionsResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = quick,
            Store = Spread.Of(_many),
            StoreWith64 = Spread.Of(_few),
            SingleRows = Spread.Of(_single),
            Ratio = Spread.Of(_many.Zip(_single, (a, b) => a / b)),
            RatioWith64 = Spread.Of(_few.Zip(_single, (a, b) => a / b)),
            VoidBecause = [.. before.MovedTo(after), .. problem is null ? [] : new[] { problem }],
            CeilingsBefore = before,
            CeilingsAfter = after,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    private async Task<string?> CompareAsync(string ofStore, string ofRows, CancellationToken cancellation)
    {
        await using var store = await BatchedStore.CreateAsync(ofStore, Many, cancellation);
        await using var rows = await SingleRows.CreateAsync(ofRows, Many, Clients, cancellation);
        await store.RunAsync(Many, _slice, cancellation);
        await rows.RunAsync(_slice, cancellation);
        await output.WriteLineAsync("transitions/s        store, 2,000 at once   single rows, 64   store, 64 at once   ratio   ratio of 64");
        for (var pair = 1; pair <= _pairs; pair++)
        {
            _many.Add(await store.RunAsync(Many, _slice, cancellation));
            _single.Add(await rows.RunAsync(_slice, cancellation));
            _few.Add(await store.RunAsync(Clients, _slice, cancellation));
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"pair {pair,-14} {_many[^1],22:N0} {_single[^1],17:N0} {_few[^1],19:N0} {_many[^1] / _single[^1],7:0.00} {_few[^1] / _single[^1],13:0.00}"));
        }

        return store.Problem;
    }

    private void Write(TransitionsResult result)
    {
        string Told(Spread spread) => string.Create(CultureInfo.InvariantCulture, $"median {spread.Median:0.00}, {spread.Least:0.00} to {spread.Most:0.00}");
        output.WriteLine($"ratio: {Told(result.Ratio)}; with 64 at once: {Told(result.RatioWith64)}; {result.Ratio.Count} pairs");
        foreach (var reason in result.VoidBecause) output.WriteLine($"VOID: {reason}");
        if (quick) output.WriteLine("quick: the numbers are no claim");
    }

    private static async Task<string> CreateAsync(NpgsqlDataSource database, PostgresServer server, string name, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync(cancellation);
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
    }
}
