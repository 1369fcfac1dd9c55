using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Bench.Results;

/// <summary>What is kept of every run of a bench that watches the program from outside, with a plain connection as its ceiling.</summary>
/// <param name="Bench">The bench.</param>
internal abstract record ProgramResult(string Bench)
{
    public required DateTimeOffset At { get; init; }

    public required bool Quick { get; init; }

    public required IReadOnlyList<Aim> Aims { get; init; }

    public required IReadOnlyList<string> VoidBecause { get; init; }

    /// <summary>Round trips per second over a plain connection, before.</summary>
    public required double LoopbackBefore { get; init; }

    /// <summary>The same, after.</summary>
    public required double LoopbackAfter { get; init; }

    public required string LoadAverageAtEnd { get; init; }

    public required Surroundings Surroundings { get; init; }
}

/// <summary>A bench of that kind, from its folder to its exit code.</summary>
internal static class ProgramBench
{
    /// <summary>Measures in a folder that is removed afterwards, shows and keeps the result, and returns the exit code.</summary>
    public static async Task<int> RunAsync<T>(
        Arguments arguments, TextWriter output, Func<string, CancellationToken, Task<T>> measure, Action<T> show, CancellationToken cancellation)
        where T : ProgramResult
    {
        var folder = Path.Combine(Path.GetTempPath(), $"flow-bench-{Path.GetRandomFileName()}");
        try
        {
            var result = await measure(folder, cancellation);
            show(result);
            await output.WriteLineAsync($"written to {await ResultFile.WriteAsync(arguments.Results, result, result.Bench, result.At, cancellation)}");
            return Aim.Conclude(output, result.Quick, result.Aims, result.VoidBecause);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
