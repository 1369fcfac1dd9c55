namespace OrleansFlow.Bench;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Benches">Which; never empty.</param>
/// <param name="Quick">Short steps, for a look.</param>
/// <param name="Results">Where the results are written.</param>
/// <param name="Program">The built <c>flow</c>; null: none was named.</param>
/// <param name="Silo">The built cluster host; null: there is none here.</param>
internal sealed record Arguments(IReadOnlyList<string> Benches, bool Quick, string Results, string? Program, string? Silo = null)
{
    public const string Usage = """
        usage: ./flow bench [NAME...] [--quick] [--results FOLDER]

          transitions     durable task transitions per second through the store, beside single-row updates
          throughput      no-op tasks per second, end to end, at a rising rate
          throughput-api  the same with runs that are triggered by gRPC
          rpc             unary calls: our client and server beside @grpc/grpc-js (needs Node.js)
          watch           1,000 watchers of one run that changes 50 times a second
          dev             `flow dev`: its start, its memory, and `flow run` of one task against it
          failover        two `flow server --standby`: how long until the other one acts when one dies, leaves or hangs
          cluster         three silos: how long until the tasks of silos that are lost run again, and their throughput beside
                          one embedded host (needs Microsoft Orleans)
                          without a name: all, one after the other
          --quick         short steps, for a look; the numbers are no claim, and no aim is asked for
          --results       where the JSON document goes (default: benchmarks/results of the checkout)

        Exit code 4: an aim was missed; 3: the machine changed meanwhile, so that nothing counts.
        """;

    private static readonly string[] All = ["transitions", "throughput", "throughput-api", "rpc", "watch", "dev", "failover", "cluster"];

    /// <summary>Null: not understood.</summary>
    public static Arguments? Parse(IEnumerable<string> words)
    {
        var parsed = new Arguments([], false, Path.Combine("benchmarks", "results"), null);
        using var word = words.GetEnumerator();
        while (word.MoveNext())
        {
            if (All.Contains(word.Current, StringComparer.Ordinal)) parsed = parsed with { Benches = [.. parsed.Benches, word.Current] };
            else if (word.Current == "--quick") parsed = parsed with { Quick = true };
            else if (word.Current == "--results" && word.MoveNext()) parsed = parsed with { Results = word.Current };
            else if (word.Current == "--program" && word.MoveNext()) parsed = parsed with { Program = word.Current };
            else if (word.Current == "--silo" && word.MoveNext()) parsed = parsed with { Silo = word.Current };
            else return null;
        }

        return parsed.Benches.Count > 0 ? parsed : parsed with { Benches = All };
    }

    /// <summary>The built <c>flow</c>.</summary>
    /// <exception cref="BenchException">None was named.</exception>
    public string RequireProgram() => Program ?? throw new BenchException("this bench runs the built program: start it as `./flow bench`, or name it with --program");
}

/// <summary>How the program ends.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Measured, but the machine changed meanwhile: the numbers do not count.</summary>
    public const int Void = 3;

    /// <summary>Measured, and less than is wanted.</summary>
    public const int Missed = 4;
}

/// <summary>The bench cannot go on; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
