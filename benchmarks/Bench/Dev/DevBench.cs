using System.Diagnostics;
using System.Globalization;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Bench.Results;
using OrleansFlow.Client;

namespace OrleansFlow.Bench.Dev;

/// <summary>What somebody feels who works with a server on his own machine: its start, its memory, and how long a small run takes.</summary>
internal sealed class DevBench(Arguments arguments, TextWriter output)
{
    private const string OneTask = """
        dag: bench_one
        tasks:
          only: { command: ["true"] }
        """;

    private readonly int _starts = arguments.Quick ? 2 : 7;
    private readonly int _runs = arguments.Quick ? 6 : 25;
    private readonly TimeSpan _idle = TimeSpan.FromSeconds(arguments.Quick ? 5 : 60);
    private readonly TimeSpan _ceiling = TimeSpan.FromSeconds(arguments.Quick ? 1 : 5);
    private readonly string _program = arguments.RequireProgram();
    private readonly List<double> _overhead = [], _task = [], _version = [];

    public Task<int> RunAsync(CancellationToken cancellation) =>
        ProgramBench.RunAsync(arguments, output, MeasureAsync, Write, cancellation);

    private async Task<DevResult> MeasureAsync(string folder, CancellationToken cancellation)
    {
        var surroundings = Surroundings.Look();
        await output.WriteLineAsync($"OrleansFlow {surroundings.OrleansFlow}, {surroundings.Runtime}, {surroundings.Processors} processors, load {surroundings.LoadAverage}");
        var before = Loopback.Measure(_ceiling, cancellation);
        var first = await StartOnceAsync(folder, cancellation);
        var ready = new List<double>();
        for (var i = 1; i < _starts; i++) ready.Add(await StartOnceAsync(folder, cancellation));
        await using var dev = await FlowDev.StartAsync(_program, folder, cancellation);
        ready.Add(dev.StartTime.TotalSeconds);
        await Task.Delay(_idle, TimeProvider.System, cancellation);
        var idle = Mebibytes(dev);
        await RunTasksAsync(dev, folder, cancellation);
        var afterRuns = Mebibytes(dev);
        var after = Loopback.Measure(_ceiling, cancellation);
        var overhead = Spread.Of(_overhead);
        return new DevResult
        {
            At = TimeProvider.System.GetUtcNow(),
            Quick = arguments.Quick,
            FirstReadySeconds = first,
            ReadySeconds = Spread.Of(ready),
            IdleSeconds = _idle.TotalSeconds,
            IdleMebibytes = idle,
            MebibytesAfterRuns = afterRuns,
            OverheadMs = overhead,
            VersionMs = Spread.Of(_version),
            TaskMs = Spread.Of(_task),
            Aims =
            [
                new Aim("`flow dev` ready, in a new folder, after", first, DevResult.AimReadySeconds, AtLeast: false, "s"),
                new Aim("idle host", idle, DevResult.AimIdleMebibytes, AtLeast: false, "MiB"),
                new Aim("`flow run` of one task, beyond the task, median", overhead.Median, DevResult.AimOverheadMs, AtLeast: false, "ms"),
            ],
            VoidBecause = Loopback.Moved(before, after),
            LoopbackBefore = before,
            LoopbackAfter = after,
            LoadAverageAtEnd = Surroundings.Load(),
            Surroundings = surroundings,
        };
    }

    private async Task<double> StartOnceAsync(string folder, CancellationToken cancellation)
    {
        await using var dev = await FlowDev.StartAsync(_program, folder, cancellation);
        return dev.StartTime.TotalSeconds;
    }

    /// <summary>The first run warms the server up and does not count.</summary>
    private async Task RunTasksAsync(FlowDev dev, string folder, CancellationToken cancellation)
    {
        var file = Path.Combine(folder, "bench-one.yaml");
        await File.WriteAllTextAsync(file, OneTask, cancellation);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i <= _runs; i++)
        {
            var version = await TimeAsync(folder, ["version"], cancellation);
            var wall = await TimeAsync(folder, ["run", file], cancellation);
            var task = await TaskTimeAsync(dev.Client, seen, cancellation);
            if (i == 0) continue;
            _version.Add(version);
            _task.Add(task);
            _overhead.Add(wall - task);
        }
    }

    private async Task<double> TimeAsync(string folder, string[] words, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        await using var flow = Child.Start("flow", _program, words, FlowDev.Environment(folder));
        var (_, code) = await flow.EndAsync(cancellation);
        var took = clock.Elapsed.TotalMilliseconds;
        return code == 0 ? took : throw new BenchException($"`flow {string.Join(' ', words)}` ended with code {code}: {flow.LastWords}");
    }

    /// <summary>Of the one run that is new.</summary>
    private static async Task<double> TaskTimeAsync(FlowClient client, HashSet<string> seen, CancellationToken cancellation)
    {
        var fresh = new List<string>();
        await foreach (var run in client.ListRunsAsync(cancellation: cancellation))
            if (seen.Add(run.Name))
                fresh.Add(run.Name);
        if (fresh is not [var name]) throw new BenchException($"{fresh.Count} new runs where `flow run` should have left one: did it host the engine itself?");
        var task = (await client.GetRunAsync(ResourceNames.Run(name), cancellation: cancellation)).Tasks.Single();
        return (task.EndTime.ToDateTimeOffset() - task.StartTime.ToDateTimeOffset()).TotalMilliseconds;
    }

    private static double Mebibytes(FlowDev dev) => dev.ResidentBytes() / (1024.0 * 1024.0);

    private void Write(DevResult result)
    {
        string Told(Spread spread) => string.Create(CultureInfo.InvariantCulture, $"median {spread.Median:0.0}, {spread.Least:0.0} to {spread.Most:0.0}, {spread.Count} times");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"flow dev ready, new folder   {result.FirstReadySeconds:0.00} s"));
        output.WriteLine($"flow dev ready, used folder  {Told(result.ReadySeconds)} s");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident, idle               {result.IdleMebibytes:0} MiB after {result.IdleSeconds:0} s; {result.MebibytesAfterRuns:0} MiB after the runs"));
        output.WriteLine($"flow run, beyond the task    {Told(result.OverheadMs)} ms");
        output.WriteLine($"flow version                 {Told(result.VersionMs)} ms");
        output.WriteLine($"the task itself              {Told(result.TaskMs)} ms");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ceiling: loopback            {result.LoopbackBefore:N0}/s before, {result.LoopbackAfter:N0}/s after"));
    }
}
