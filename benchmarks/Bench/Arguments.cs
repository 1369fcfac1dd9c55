namespace OrleansFlow.Bench;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Benches">Which; never empty.</param>
/// <param name="Quick">Short steps, for a look.</param>
/// <param name="Results">Where the results are written.</param>
internal sealed record Arguments(IReadOnlyList<string> Benches, bool Quick, string Results)
{
    public const string Usage = """
        usage: ./flow bench [NAME...] [--quick] [--results FOLDER]

          transitions  durable task transitions per second through the store, beside single-row updates
          throughput   no-op tasks per second, end to end, at a rising rate
                       without a name: both
          --quick      short steps, for a look; the numbers are no claim
          --results    where the JSON document goes (default: benchmarks/results of the checkout)
        """;

    private static readonly string[] All = ["transitions", "throughput"];

    /// <summary>Null: not understood.</summary>
    public static Arguments? Parse(IEnumerable<string> words)
    {
        var parsed = new Arguments([], false, Path.Combine("benchmarks", "results"));
        using var word = words.GetEnumerator();
        while (word.MoveNext())
        {
            if (All.Contains(word.Current, StringComparer.Ordinal)) parsed = parsed with { Benches = [.. parsed.Benches, word.Current] };
            else if (word.Current == "--quick") parsed = parsed with { Quick = true };
            else if (word.Current == "--results" && word.MoveNext()) parsed = parsed with { Results = word.Current };
            else return null;
        }

        return parsed.Benches.Count > 0 ? parsed : parsed with { Benches = All };
    }
}

/// <summary>How the program ends.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Measured, but the machine changed meanwhile: the numbers do not count.</summary>
    public const int Void = 3;
}

/// <summary>The bench cannot go on; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
