using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>Parameters as they stand on a command line: <c>name=value</c>, and files of them.</summary>
internal static class RunParams
{
    /// <summary>The parameters of a run as a JSON object; null when none were given. Values are read and judged by the DAG's schemas.</summary>
    /// <param name="texts">Each <c>name=value</c>.</param>
    /// <param name="file">A file of further values; null: none.</param>
    /// <param name="dag">The DAG.</param>
    /// <exception cref="CliException">Something is not <c>name=value</c>, is given twice, or is not what the DAG asks for.</exception>
    public static string? Read(IReadOnlyList<string> texts, string? file, DagSpec dag)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0) throw CliException.Invalid($"--param: '{text}' is not name=value");
            if (!given.TryAdd(parts[0], parts[1])) throw CliException.Invalid($"--param: '{parts[0]}' is given twice");
        }

        var values = file is null ? [] : ReadFile(file);
        foreach (var (name, value) in ParamValidator.ReadTexts(dag.Params, given)) values[name] = value?.DeepClone();
        var merged = ParamValidator.Merge(dag.Params, values);
        if (merged.Json is null)
            throw CliException.Invalid($"the parameters of DAG {dag.Id}: {string.Join("; ", merged.Problems.Select(p => p.ToString().TrimEnd('.')))}");
        return values.Count == 0 ? null : merged.Json;
    }

    private static JsonObject ReadFile(string path)
    {
        try
        {
            var read = ParamFile.Parse(File.ReadAllBytes(path), path);
            return read.Values ?? throw CliException.Invalid($"--params-file: {string.Join("; ", read.Problems)}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw CliException.Invalid($"--params-file: {path} cannot be read: {refused.Message}");
        }
    }
}
