using System.Globalization;
using Npgsql;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Bench.Results;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Bench.Cluster;

/// <summary>Three silos on one PostgreSQL: how soon their tasks run again when silos are lost, and what they do beside one embedded host.</summary>
internal sealed class ClusterBench(Arguments arguments, TextWriter output)
{
    private readonly int _rounds = arguments.Quick ? 1 : 5;
    private readonly int _turns = arguments.Quick ? 2 : 7;
    private readonly int _warmUps = arguments.Quick ? 3 : 6;
    private readonly int _burst = arguments.Quick ? 100 : 200;
    private readonly TimeSpan _ceiling = TimeSpan.FromSeconds(arguments.Quick ? 1 : 5);
    private readonly string _program = arguments.RequireProgram();
    private readonly List<double> _one = [], _two = [], _all = [], _stop = [], _term = [], _leave = [], _embedded = [], _silos = [], _ratio = [];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (arguments.Silo is not null) return await ProgramBench.RunAsync(arguments, output, MeasureAsync, Write, cancellation);
        await output.WriteLineAsync("cluster: left out, since the package sources of this machine carry no Microsoft Orleans");
        return ExitCodes.Done;
    }

    private async Task<ClusterResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var surroundings = Surroundings.Look();
        await output.WriteLineAsync($"OrleansFlow {surroundings.OrleansFlow}, {surroundings.Runtime}, {surroundings.Processors} processors, load {surroundings.LoadAverage}");
        var before = Loopback.Measure(_ceiling, cancellation);
        using (var locked = DataFolder.Open(folder).Lock())
        {
            await using var postgres = await PostgresServer.StartAsync(locked, null, cancellation);
            await CompareAsync(folder, postgres.ConnectionString, cancellation);
            await LoseAsync(folder, postgres.ConnectionString, cancellation);
        }

        var after = Loopback.Measure(_ceiling, cancellation);
        return Result(surroundings, before, after);
    }

    // In turns. Compilers of both are done with what they compile before the first one counts.
    private async Task CompareAsync(string folder, string server, CancellationToken cancellation)
    {
        var (one, three) = (await NewDatabaseAsync(server, cancellation), await NewDatabaseAsync(server, cancellation));
        await using var host = await FlowDev.StandByAsync(_program, Path.Combine(folder, "embedded"), one, cancellation);
        await using var group = await SiloGroup.StartAsync(arguments.Silo!, Path.Combine(folder, "burst"), three, cancellation);
        for (var round = -_warmUps; round < _turns; round++)
        {
            var embedded = await Burst.MeasureAsync([host], one, _burst, cancellation);
            var silos = await Burst.MeasureAsync(group.Silos, three, _burst, cancellation);
            if (round < 0) continue;
            _embedded.Add(embedded);
            _silos.Add(silos);
            _ratio.Add(silos / embedded);
        }
    }

    private async Task LoseAsync(string folder, string server, CancellationToken cancellation)
    {
        await using var group = await SiloGroup.StartAsync(arguments.Silo!, Path.Combine(folder, "lost"), await NewDatabaseAsync(server, cancellation), cancellation);
        for (var round = 0; round < _rounds; round++)
        {
            _one.Add((await group.LoseAsync(Signals.Kill, 1, cancellation)).Runs.TotalSeconds);
            _two.Add((await group.LoseAsync(Signals.Kill, 2, cancellation)).Runs.TotalSeconds);
            _all.Add((await group.LoseAsync(Signals.Kill, 3, cancellation)).Runs.TotalSeconds);
            _stop.Add((await group.LoseAsync(Signals.Stop, 1, cancellation)).Runs.TotalSeconds);
            var (runs, ended) = await group.LoseAsync(Signals.Terminate, 1, cancellation);
            _term.Add(runs.TotalSeconds);
            _leave.Add(ended.TotalSeconds);
        }
    }

    private static async Task<string> NewDatabaseAsync(string server, CancellationToken cancellation)
    {
        var name = $"bench_{Guid.NewGuid():N}";
        await using var source = NpgsqlDataSource.Create(server);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync(cancellation);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    private ClusterResult Result(Surroundings surroundings, double before, double after)
    {
        var ratio = Spread.Of(_ratio);
        return new ClusterResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = arguments.Quick,
            KillOneSeconds = Spread.Of(_one),
            KillTwoSeconds = Spread.Of(_two),
            KillAllSeconds = Spread.Of(_all),
            StopSeconds = Spread.Of(_stop),
            TermSeconds = Spread.Of(_term),
            LeaveSeconds = Spread.Of(_leave),
            EmbeddedTasksPerSecond = Spread.Of(_embedded),
            SilosTasksPerSecond = Spread.Of(_silos),
            ThroughputRatio = ratio,
            Aims =
            [
                new Aim("tasks run again after kill -9 of one silo, longest", _one.Max(), ClusterResult.AimKillSeconds, AtLeast: false, "s"),
                new Aim("after kill -9 of two of three, longest", _two.Max(), ClusterResult.AimMoreSeconds, AtLeast: false, "s"),
                new Aim("after kill -9 of all, from the start of a new one, longest", _all.Max(), ClusterResult.AimMoreSeconds, AtLeast: false, "s"),
                new Aim("after SIGSTOP of one, longest", _stop.Max(), ClusterResult.AimMoreSeconds, AtLeast: false, "s"),
                new Aim("a silo that is told to end has ended, longest", _leave.Max(), ClusterResult.AimLeaveSeconds, AtLeast: false, "s"),
                new Aim("tasks per second of three silos, of those of one embedded host, median", ratio.Median, ClusterResult.AimThroughput, AtLeast: true, "x"),
            ],
            VoidBecause = Loopback.Moved(before, after),
            LoopbackBefore = before,
            LoopbackAfter = after,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    private void Write(ClusterResult result)
    {
        foreach (var (name, spread) in new[]
        {
            ("kill -9 of one", result.KillOneSeconds), ("kill -9 of two", result.KillTwoSeconds), ("kill -9 of all", result.KillAllSeconds),
            ("SIGSTOP of one", result.StopSeconds), ("SIGTERM of one", result.TermSeconds), ("... until it ends", result.LeaveSeconds),
        })
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-18} median {spread.Median:0.00} s, {spread.Least:0.00} to {spread.Most:0.00} s, {spread.Count} times"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"no-op tasks: one embedded host {result.EmbeddedTasksPerSecond.Median:N0}/s, three silos {result.SilosTasksPerSecond.Median:N0}/s: {result.ThroughputRatio.Median:0.00} x, {result.ThroughputRatio.Least:0.00} to {result.ThroughputRatio.Most:0.00}, {result.ThroughputRatio.Count} times"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ceiling: loopback {result.LoopbackBefore:N0}/s before, {result.LoopbackAfter:N0}/s after"));
    }
}
