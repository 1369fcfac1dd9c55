using System.Globalization;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Bench.Results;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Bench.Failover;

/// <summary>Two servers that take turns on one PostgreSQL; the one in charge is killed, told to end, or stopped, in turns.</summary>
internal sealed class FailoverBench(Arguments arguments, TextWriter output)
{
    private readonly int _rounds = arguments.Quick ? 2 : 11;
    private readonly TimeSpan _ceiling = TimeSpan.FromSeconds(arguments.Quick ? 1 : 5);
    private readonly string _program = arguments.RequireProgram();

    public Task<int> RunAsync(CancellationToken cancellation) =>
        ProgramBench.RunAsync(arguments, output, MeasureAsync, Write, cancellation);

    private async Task<FailoverResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var surroundings = Surroundings.Look();
        await output.WriteLineAsync($"OrleansFlow {surroundings.OrleansFlow}, {surroundings.Runtime}, {surroundings.Processors} processors, load {surroundings.LoadAverage}");
        var before = Loopback.Measure(_ceiling, cancellation);
        var (kill, term, stop) = (new List<TimedTakeover>(), new List<TimedTakeover>(), new List<TimedTakeover>());
        using (var locked = DataFolder.Open(folder).Lock())
        {
            await using var postgres = await PostgresServer.StartAsync(locked, null, cancellation);
            await using var pair = await ReplicaPair.StartAsync(_program, folder, postgres.ConnectionString, cancellation);
            for (var round = 0; round < _rounds; round++)
            {
                kill.Add(await pair.TakeOverAsync(Signals.Kill, cancellation));
                term.Add(await pair.TakeOverAsync(Signals.Terminate, cancellation));
                stop.Add(await pair.TakeOverAsync(Signals.Stop, cancellation));
            }
        }

        var after = Loopback.Measure(_ceiling, cancellation);
        var (killed, told, hung) = (Of(kill), Of(term), Of(stop));
        return new FailoverResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = arguments.Quick,
            Kill = killed,
            Term = told,
            Stop = hung,
            Aims =
            [
                new Aim("the other host acts after kill -9, longest", killed.ActsSeconds.Most, FailoverResult.AimKillSeconds, AtLeast: false, "s"),
                new Aim("the other host acts after SIGTERM, longest", told.ActsSeconds.Most, FailoverResult.AimTermSeconds, AtLeast: false, "s"),
            ],
            VoidBecause = Loopback.Moved(before, after),
            LoopbackBefore = before,
            LoopbackAfter = after,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    private static Takeover Of(List<TimedTakeover> times) =>
        new(Spread.Of(times.Select(time => time.Acts.TotalSeconds)), Spread.Of(times.Select(time => time.Runs.TotalSeconds)));

    private void Write(FailoverResult result)
    {
        foreach (var (name, takeover) in new[] { ("kill -9", result.Kill), ("SIGTERM", result.Term), ("SIGSTOP", result.Stop) })
            output.WriteLine($"{name,-8} acts {Told(takeover.ActsSeconds)}; the task runs again {Told(takeover.RunsSeconds)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ceiling: loopback {result.LoopbackBefore:N0}/s before, {result.LoopbackAfter:N0}/s after"));

        static string Told(Spread spread) => string.Create(
            CultureInfo.InvariantCulture, $"median {spread.Median:0.00} s, {spread.Least:0.00} to {spread.Most:0.00} s, {spread.Count} times");
    }
}
