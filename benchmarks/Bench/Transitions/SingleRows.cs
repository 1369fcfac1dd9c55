using System.Globalization;
using Npgsql;
using OrleansFlow.Storage.Postgres.Migrations;

namespace OrleansFlow.Bench.Transitions;

/// <summary>The same table, a transaction for each transition, no history: less than what a scheduler has to write.</summary>
internal sealed class SingleRows : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly int _clients;
    private readonly long[] _versions;

    private SingleRows(NpgsqlDataSource source, int rows, int clients)
    {
        _source = source;
        _clients = clients;
        _versions = [.. Enumerable.Repeat(1L, rows)];
    }

    public static async Task<SingleRows> CreateAsync(string connectionString, int rows, int clients, CancellationToken cancellation)
    {
        await new Migrator().MigrateAsync(connectionString, null, cancellation);
        var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = clients, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 }.ConnectionString);
        await using var fill = source.CreateCommand($"""
            BEGIN;
            INSERT INTO dag (dag_id, version, paused) VALUES ('bench', 1, false);
            INSERT INTO dag_version (hash, dag_id, spec, created_at) VALUES ('bench', 'bench', '{"{}"}', now());
            INSERT INTO dag_run (run_id, dag_id, version_hash, version, kind, state, logical_date, data_interval_start, data_interval_end, params,
              created_at, cancel_requested, timed_out, tasks_created, unreported)
            VALUES ('bench', 'bench', 'bench', 1, 'manual', 'running', now(), now(), now(), '{"{}"}', now(), false, false, {rows}, false);
            INSERT INTO task_instance (run_id, task_id, map_index, version, state, reason, epoch, fence, retries_used, infra_retries_used,
              launch_retries_used, unknown_retries_used, scheduled_at, unreported, pool, pool_slots, priority)
            SELECT 'bench', 't' || to_char(i, 'FM0000'), -1, 1, 'queued', 'dependencies', 0, 0, 0, 0, 0, 0, now(), false, 'default', 1, 1
            FROM generate_series(0, {rows - 1}) i;
            COMMIT;
            """);
        await fill.ExecuteNonQueryAsync(cancellation);
        return new SingleRows(source, rows, clients);
    }

    /// <summary>Transitions/s.</summary>
    public async Task<double> RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        async Task<int> ClientAsync(int client)
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            var (state, task, version) = (new NpgsqlParameter<string>(), new NpgsqlParameter<string>(), new NpgsqlParameter<long>());
            await using var update = new NpgsqlCommand(
                "UPDATE task_instance SET version = version + 1, state = $1, started_at = now() WHERE run_id = 'bench' AND task_id = $2 AND map_index = -1 AND version = $3",
                connection)
            { Parameters = { state, task, version } };
            var mine = _versions.Length / _clients;
            for (var count = 0; ; count++)
            {
                if (TimeProvider.System.GetElapsedTime(started) > time) return count;
                var row = client * mine + count % mine;
                state.TypedValue = _versions[row] % 2 == 1 ? "running" : "queued";
                task.TypedValue = string.Create(CultureInfo.InvariantCulture, $"t{row:0000}");
                version.TypedValue = _versions[row]++;
                if (await update.ExecuteNonQueryAsync(cancellation) != 1) throw new BenchException("a single-row update found another version");
            }
        }

        var counts = await Task.WhenAll(Enumerable.Range(0, _clients).Select(client => Task.Run(() => ClientAsync(client), cancellation)));
        return counts.Sum() / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
