using System.Globalization;
using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Bench.Throughput;

/// <summary>What people read. Steps are written as they end.</summary>
internal static class ThroughputTable
{
    private static readonly (string Title, Func<HeldRate, string> Value)[] Columns =
    [
        ("offered/s", step => Whole(step.OfferedTasksPerSecond)),
        ("done/s", step => Whole(step.CompletedTasksPerSecond)),
        ("backlog", step => $"{Whole(step.BacklogFirstHalf)}>{Whole(step.BacklogSecondHalf)}"),
        ("start p50", step => Whole(step.StartLatencyP50Ms)),
        ("p50 ms", step => Whole(step.RunLatencyP50Ms)),
        ("p99 ms", step => Whole(step.RunLatencyP99Ms)),
        ("commits/task", step => Fine(step.CommitsPerTask)),
        ("WAL B/task", step => Whole(step.WalBytesPerTask)),
        ("host ms/task", step => Fine(step.HostCpuMsPerTask)),
        ("pg ms/task", step => Fine(step.PostgresCpuMsPerTask)),
        ("load", step => Fine(step.LoadAverage)),
        ("", step => step.Held ? "" : "backlog grew"),
    ];

    public static void WriteSurroundings(TextWriter output, Surroundings on) => output.WriteLine(
        $"OrleansFlow {on.OrleansFlow}, {on.Runtime}, PostgreSQL {on.Postgres}, {on.Processors} processors, load {on.LoadAverage}\n"
        + string.Join(", ", on.Settings.Select(setting => $"{setting.Key}={setting.Value}")));

    public static void WriteHeader(TextWriter output) =>
        output.WriteLine($"\nruns of {LayeredDag.Tasks} no-op tasks in {LayeredDag.Layers} layers, open loop; rates are of tasks, latencies of runs\n{Line(column => column.Title)}");

    public static void WriteStep(TextWriter output, HeldRate step) => output.WriteLine(Line(column => column.Value(step)));

    public static void WriteResult(TextWriter output, ThroughputResult result)
    {
        output.WriteLine();
        output.WriteLine($"sustained                  {Whole(result.SustainedTasksPerSecond)} tasks/s   {Verdict(result.SustainedTasksPerSecond >= ThroughputResult.AimTasksPerSecond)} at least {Whole(ThroughputResult.AimTasksPerSecond)}");
        if (result is { SaturatedTasksPerSecond: { } saturated, CommitsPerTaskAtSaturation: { } commits })
        {
            output.WriteLine($"at saturation              {Whole(saturated)} tasks/s");
            var verdict = result.ThroughApi ? "" : $"   {Verdict(commits < ThroughputResult.AimCommitsPerTask)} under {Fine(ThroughputResult.AimCommitsPerTask)}";
            output.WriteLine($"commits at saturation      {Fine(commits)} per task{verdict}");
        }

        WriteCeiling(output, "fdatasync", result.CeilingsBefore.Fdatasyncs, result.CeilingsAfter.Fdatasyncs);
        WriteCeiling(output, "single-row updates", result.CeilingsBefore.SingleRowUpdates, result.CeilingsAfter.SingleRowUpdates);
        WriteCeiling(output, "rows in batches of 500", result.CeilingsBefore.BatchedRowUpdates, result.CeilingsAfter.BatchedRowUpdates);
        output.WriteLine($"load average at the end    {result.LoadAverageAtEnd}");
        foreach (var reason in result.VoidBecause) output.WriteLine($"VOID: a ceiling moved by more than 20 %: {reason}");
        if (result.Quick) output.WriteLine("a quick look, no claim");
    }

    private static void WriteCeiling(TextWriter output, string name, double before, double after) =>
        output.WriteLine($"ceiling: {name,-22}    {Whole(before)}/s before, {Whole(after)}/s after");

    private static string Line(Func<(string Title, Func<HeldRate, string> Value), string> cell) =>
        string.Join("  ", Columns.Select(column => cell(column).PadLeft(Math.Max(column.Title.Length, 9)))).TrimEnd();

    private static string Verdict(bool reached) => reached ? "aim reached:" : "AIM MISSED:";

    private static string Whole(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private static string Fine(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
