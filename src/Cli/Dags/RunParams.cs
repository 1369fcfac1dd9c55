using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>Parameters as they stand on a command line: <c>name=value</c>.</summary>
internal static class RunParams
{
    /// <summary>The parameters of a run as a JSON object; null when none were given. Values are read and judged by the DAG's schemas.</summary>
    /// <exception cref="CliException">Something is not <c>name=value</c>, is given twice, or is not what the DAG asks for.</exception>
    public static string? Read(IReadOnlyList<string> texts, DagSpec dag)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0) throw CliException.Invalid($"--param: '{text}' is not name=value");
            if (!given.TryAdd(parts[0], parts[1])) throw CliException.Invalid($"--param: '{parts[0]}' is given twice");
        }

        var merged = ParamValidator.MergeTexts(dag.Params, given);
        if (merged.Json is null)
            throw CliException.Invalid($"the parameters of DAG {dag.Id}: {string.Join("; ", merged.Problems.Select(p => p.ToString().TrimEnd('.')))}");
        return given.Count == 0 ? null : merged.Json;
    }
}
