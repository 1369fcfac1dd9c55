using Npgsql;
using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Bench.Throughput;

/// <summary>Raises the rate until the backlog grows, then looks between the last rate that held and the first that did not.</summary>
internal sealed class Climb(ThroughputPlan plan, NpgsqlDataSource database, OpenLoop load, TimeProvider time, Action<HeldRate> report)
{
    private readonly Backlog _backlog = new(database, load, time);

    public async Task<IReadOnlyList<HeldRate>> RunAsync(CancellationToken cancellation)
    {
        await load.RunAsync(plan.FirstRate / LayeredDag.Tasks, plan.WarmUp, cancellation);
        await _backlog.DrainAsync(plan.Drain, cancellation);

        var steps = new List<HeldRate>();
        var (held, tooFast) = (0.0, double.PositiveInfinity);
        for (var refinements = 0; refinements <= plan.Refinements;)
        {
            var rate = held == 0 ? (double.IsFinite(tooFast) ? tooFast / plan.Growth : plan.FirstRate)
                : double.IsFinite(tooFast) ? Math.Sqrt(held * tooFast)
                : held * plan.Growth;
            var step = await HoldAsync(rate, cancellation);
            steps.Add(step);
            report(step);
            if (step.Held) held = rate;
            else tooFast = rate;
            if (double.IsFinite(tooFast)) refinements++;
            if (tooFast < 1) throw new BenchException("not even one task a second was kept up with");
        }

        // Far beyond what held: what the system does when it always has something to do.
        var overload = await HoldAsync(steps.Max(step => step.OfferedTasksPerSecond) * plan.Growth, cancellation);
        report(overload);
        return [.. steps, overload];
    }

    private async Task<HeldRate> HoldAsync(double tasksPerSecond, CancellationToken cancellation)
    {
        var runsPerSecond = tasksPerSecond / LayeredDag.Tasks;
        var before = await Usage.NowAsync(database, cancellation);
        var from = time.GetUtcNow();
        var arriving = load.RunAsync(runsPerSecond, plan.Hold, cancellation);
        var backlog = await _backlog.WatchAsync(arriving, cancellation);
        await arriving;
        var to = time.GetUtcNow();
        var used = await Usage.NowAsync(database, cancellation) - before;
        var load1 = Surroundings.LoadOfMinute();
        await _backlog.DrainAsync(plan.Drain, cancellation);

        var completed = await CompletedAsync(from, to, cancellation);
        var latency = await LatencyAsync(from, to, cancellation);
        var seconds = (to - from).TotalSeconds;
        var (first, second) = Backlog.Halves(backlog);
        return new HeldRate
        {
            OfferedTasksPerSecond = tasksPerSecond,
            CompletedTasksPerSecond = completed / seconds,
            Held = !Backlog.Grew(backlog, runsPerSecond),
            BacklogFirstHalf = first,
            BacklogSecondHalf = second,
            CommitsPerTask = used.Commits / (double)completed,
            CommitsPerSecond = used.Commits / seconds,
            WalBytesPerTask = (double)used.WalBytes / completed,
            HostCpuMsPerTask = used.HostCpu.TotalMilliseconds / completed,
            PostgresCpuMsPerTask = used.PostgresCpu.TotalMilliseconds / completed,
            StartLatencyP50Ms = latency.Start,
            RunLatencyP50Ms = latency.P50,
            RunLatencyP99Ms = latency.P99,
            LoadAverage = load1,
        };
    }

    private async Task<long> CompletedAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        const string count = "SELECT count(*) FROM task_instance WHERE state = 'success' AND ended_at >= $1 AND ended_at < $2";
        await using var command = Window(count, from, to);
        return (long)(await command.ExecuteScalarAsync(cancellation))! is > 0 and var completed
            ? completed
            : throw new BenchException("no task was completed at all");
    }

    private async Task<(double Start, double P50, double P99)> LatencyAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        const string latency = """
            SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - logical_date) * 1000),
              percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - logical_date) * 1000),
              count(*) FILTER (WHERE state <> 'success')
            FROM dag_run WHERE logical_date >= $1 AND logical_date < $2
            """;
        await using var command = Window(latency, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetInt64(2) is > 0 and var bad) throw new BenchException($"{bad} runs of no-op tasks did not succeed");
        var found = reader.GetFieldValue<double[]>(0);
        return (reader.GetDouble(1), found[0], found[1]);
    }

    private NpgsqlCommand Window(string text, DateTimeOffset from, DateTimeOffset to)
    {
        var command = database.CreateCommand(text);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to.UtcDateTime });
        return command;
    }
}
