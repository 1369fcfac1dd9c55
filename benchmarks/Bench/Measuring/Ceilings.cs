using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Npgsql;

namespace OrleansFlow.Bench.Measuring;

/// <summary>What the machine and its PostgreSQL could do at most, by themselves. Per second.</summary>
/// <param name="Fdatasyncs">An 8 KiB page rewritten and made durable, one after the other.</param>
/// <param name="SingleRowUpdates">Compare-and-set updates of one row each, a commit each, by many clients.</param>
/// <param name="BatchedRowUpdates">Rows updated 500 by commit, by one client.</param>
internal sealed record Ceilings(double Fdatasyncs, double SingleRowUpdates, double BatchedRowUpdates)
{
    /// <summary>How far a ceiling may move before what was measured between is void.</summary>
    public const double Tolerance = 0.2;

    /// <summary>How long a measurement works before it counts: at first the runtime compiles what it runs, which is not the machine's rate.</summary>
    public static TimeSpan WarmUp(TimeSpan duration) => duration / 2;

    /// <summary>The ceilings that moved too far, in words.</summary>
    public IEnumerable<string> MovedTo(Ceilings after)
    {
        (string Name, double Before, double After)[] pairs =
        [
            ("fdatasync", Fdatasyncs, after.Fdatasyncs),
            ("single-row updates", SingleRowUpdates, after.SingleRowUpdates),
            ("batched updates", BatchedRowUpdates, after.BatchedRowUpdates),
        ];
        return pairs.Where(pair => Math.Abs((pair.After / pair.Before) - 1) > Tolerance)
            .Select(pair => FormattableString.Invariant($"{pair.Name} {pair.Before:N0}/s before, {pair.After:N0}/s after"));
    }
}

/// <summary>Measures the ceilings, in a database of their own on the server under test.</summary>
internal sealed partial class CeilingMeter(string folder, string connectionString, TimeSpan duration)
{
    private const string Database = "bench_ceilings";
    private const int Rows = 10_000;
    private const int BatchSize = 500;
    private const int MostClients = 64;

    // Connections left to the engine under test, the bench itself, and the superuser.
    private const int Spare = 24;

    public async Task<Ceilings> MeasureAsync(CancellationToken cancellation)
    {
        await using var source = await CreateAsync(cancellation);
        var clients = Math.Clamp(await MaxConnectionsAsync(source, cancellation) - Spare, 1, MostClients);
        return new Ceilings(
            Syncs(), await RateAsync(source, clients, SingleRowAsync, cancellation), BatchSize * await RateAsync(source, 1, BatchAsync, cancellation));
    }

    private async Task<NpgsqlDataSource> CreateAsync(CancellationToken cancellation)
    {
        await using (var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }))
        {
            await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {Database}", cancellation);
            await ExecuteAsync(server, $"CREATE DATABASE {Database}", cancellation);
        }

        var own = new NpgsqlConnectionStringBuilder(connectionString) { Database = Database, MaxPoolSize = MostClients, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 };
        var source = NpgsqlDataSource.Create(own);
        await ExecuteAsync(source, "CREATE TABLE ceiling (id integer PRIMARY KEY, version bigint NOT NULL) WITH (fillfactor = 50)", cancellation);
        await ExecuteAsync(source, $"INSERT INTO ceiling SELECT id, 0 FROM generate_series(0, {Rows - 1}) id", cancellation);
        await ExecuteAsync(source, "VACUUM ANALYZE ceiling", cancellation);
        return source;
    }

    private async Task<double> RateAsync(
        NpgsqlDataSource source, int clients, Func<NpgsqlConnection, int, int, long, Task> work, CancellationToken cancellation)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => source.OpenConnectionAsync(cancellation).AsTask()));
        try
        {
            var counted = Ceilings.WarmUp(duration);
            var clock = Stopwatch.StartNew();
            var done = await Task.WhenAll(connections.Select(async (connection, client) =>
            {
                var count = 0L;
                for (var round = 0L; clock.Elapsed < counted + duration; round++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await work(connection, client, clients, round);
                    if (clock.Elapsed > counted) count++;
                }

                return count;
            }));
            return done.Sum() / (clock.Elapsed - counted).TotalSeconds;
        }
        finally
        {
            foreach (var connection in connections) await connection.DisposeAsync();
        }
    }

    // Each client has rows of its own, so that it knows their versions and never waits for another's lock.
    private static async Task SingleRowAsync(NpgsqlConnection connection, int client, int clients, long round)
    {
        var mine = Rows / clients;
        await using var command = new NpgsqlCommand("UPDATE ceiling SET version = version + 1 WHERE id = $1 AND version = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (client * mine) + (int)(round % mine) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = round / mine });
        if (await command.ExecuteNonQueryAsync() != 1) throw new BenchException("a single-row update found another version than was written");
    }

    private static async Task BatchAsync(NpgsqlConnection connection, int client, int clients, long round)
    {
        await using var command = new NpgsqlCommand("UPDATE ceiling c SET version = version + 1 FROM unnest($1) u (id) WHERE c.id = u.id", connection);
        var first = (int)(round * BatchSize % Rows);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. Enumerable.Range(first, BatchSize)] });
        if (await command.ExecuteNonQueryAsync() != BatchSize) throw new BenchException("a batch did not update its rows");
    }

    private double Syncs()
    {
        var path = Path.Combine(folder, "bench-fdatasync");
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
            var page = new byte[8192];
            RandomAccess.Write(file, page, 0);
            RandomAccess.FlushToDisk(file);
            var clock = Stopwatch.StartNew();
            var count = 0;
            for (; clock.Elapsed < duration; count++)
            {
                RandomAccess.Write(file, page, 0);
                if (Fdatasync(file) != 0) throw new BenchException($"fdatasync failed on {path} (errno {Marshal.GetLastPInvokeError()})");
            }

            return count / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<int> MaxConnectionsAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand("SELECT current_setting('max_connections')::integer");
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string text, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(text);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Fdatasync(SafeFileHandle file);
}
