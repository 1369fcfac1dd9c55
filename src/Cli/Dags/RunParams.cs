using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Dags;

/// <summary>Parameters as a command line gives them: <c>name=value</c>, and a file of them. No name is in both.</summary>
/// <param name="Texts">As people type them: the schema of each says how it is read.</param>
/// <param name="Values">Those of the file.</param>
internal sealed record RunParams(IReadOnlyDictionary<string, string> Texts, JsonObject Values)
{
    /// <summary>What a command line gives; a text goes before a value of the file.</summary>
    /// <param name="texts">Each <c>name=value</c>; null: none.</param>
    /// <param name="file">A file of further values; null: none.</param>
    /// <exception cref="CliException">Something is not <c>name=value</c>, is given twice, or is no file of parameters.</exception>
    public static RunParams Given(IReadOnlyList<string>? texts, string? file)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0) throw CliException.Invalid($"--param: '{text}' is not name=value");
            if (!given.TryAdd(parts[0], parts[1])) throw CliException.Invalid($"--param: '{parts[0]}' is given twice");
        }

        var values = file is null ? [] : ReadFile(file);
        foreach (var name in given.Keys) values.Remove(name);
        return new RunParams(given, values);
    }

    /// <summary>The parameters of a run as a JSON object; null when none were given. Values are read and judged by the DAG's schemas.</summary>
    /// <exception cref="CliException">They are not what the DAG asks for.</exception>
    public string? For(DagSpec dag)
    {
        var values = ParamValidator.ReadTexts(dag.Params, Texts);
        foreach (var (name, value) in Values) values[name] = value?.DeepClone();
        var merged = ParamValidator.Merge(dag.Params, values);
        if (merged.Json is null) throw Refused(dag.Id, merged.Problems.Select(problem => problem.ToString()));
        return values.Count == 0 ? null : merged.Json;
    }

    /// <summary>Parameters are not what the DAG asks for.</summary>
    public static CliException Refused(DagId dag, IEnumerable<string> problems) =>
        CliException.Invalid($"the parameters of DAG {dag}: {string.Join("; ", problems.Select(problem => problem.TrimEnd('.')))}");

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
