using System.Globalization;
using Npgsql;

namespace OrleansFlow.Bench.Measuring;

/// <summary>Counters of the server and the machine at one moment; the difference of two is what was used between them.</summary>
internal sealed record Usage(long Commits, decimal WalBytes, TimeSpan HostCpu, TimeSpan PostgresCpu)
{
    // Of the clock in which Linux reports the time of processes: fixed for user space.
    private const double TicksPerSecond = 100;

    public static async Task<Usage> NowAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        const string counters = """
            SELECT d.xact_commit, w.wal_bytes, pg_backend_pid()
            FROM pg_stat_database d, pg_stat_wal w WHERE d.datname = current_database()
            """;
        await using var command = database.CreateCommand(counters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new Usage(reader.GetInt64(0), reader.GetDecimal(1), Environment.CpuUsage.TotalTime, PostgresTime(reader.GetInt32(2)));
    }

    public static Usage operator -(Usage after, Usage before) => new(
        after.Commits - before.Commits, after.WalBytes - before.WalBytes, after.HostCpu - before.HostCpu, after.PostgresCpu - before.PostgresCpu);

    // The postmaster, its living children, and those it has buried.
    private static TimeSpan PostgresTime(int backend)
    {
        var postmaster = Stat(backend)?.Parent;
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || Stat(pid) is not { } stat) continue;
            if (stat.Parent == postmaster) ticks += stat.Own;
            if (pid == postmaster) ticks += stat.Own + stat.Children;
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static (int Parent, long Own, long Children)? Stat(int pid)
    {
        try
        {
            // After the name in parentheses, which may contain anything: state, parent, ... proc(5).
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            return ((int)Field(4), Field(14) + Field(15), Field(16) + Field(17));
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }
}
