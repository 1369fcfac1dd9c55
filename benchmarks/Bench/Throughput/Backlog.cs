using Npgsql;

namespace OrleansFlow.Bench.Throughput;

/// <summary>How many runs wait or are under way, looked at again and again while a rate is held.</summary>
internal sealed class Backlog(NpgsqlDataSource database, OpenLoop load, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs triggered and not finished: those in the database, and those on the way there.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')");
        return (long)(await command.ExecuteScalarAsync(cancellation))! + load.Outstanding;
    }

    /// <summary>Looks until it is told to stop.</summary>
    public async Task<IReadOnlyList<long>> WatchAsync(Task until, CancellationToken cancellation)
    {
        var seen = new List<long>();
        while (!until.IsCompleted)
        {
            seen.Add(await CountAsync(cancellation));
            await Task.WhenAny(until, Task.Delay(Every, time, cancellation));
        }

        return seen;
    }

    /// <summary>Waits until nothing is left.</summary>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var end = time.GetUtcNow() + patience;
        while (await CountAsync(cancellation) is > 0 and var left)
        {
            if (time.GetUtcNow() > end) throw new BenchException($"{left} runs were not finished {patience.TotalSeconds:0} s after the last had arrived");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
    }

    /// <summary>
    /// Whether it grew: the mean of the second half against that of the first, by half and by a quarter of a second's arrivals. A
    /// rate that is a tenth too great, held for 8 seconds, shows.
    /// </summary>
    public static bool Grew(IReadOnlyList<long> seen, double runsPerSecond)
    {
        if (seen.Count < 4) throw new BenchException("the database answered too seldom to see a backlog");
        var (first, second) = Halves(seen);
        return second > first * 1.5 && second - first > runsPerSecond * 0.25;
    }

    /// <summary>The means of both halves.</summary>
    public static (double First, double Second) Halves(IReadOnlyList<long> seen) =>
        (seen.Take(seen.Count / 2).Average(), seen.Skip(seen.Count / 2).Average());
}
