using OrleansFlow.Cli.Terminal;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>Finds, reads and judges the DAG files that a command line names.</summary>
internal static class DagSources
{
    /// <summary>The files named, and for folders every <c>*.yaml</c> and <c>*.yml</c> below them, hidden ones left out.</summary>
    /// <exception cref="CliException">A path does not exist, or a folder holds no DAG file.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths) => [.. paths.SelectMany(Expand).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads files, says what is wrong with them on standard error, and goes on only when nothing is.</summary>
    /// <exception cref="CliException">A file is invalid.</exception>
    public static IReadOnlyList<DagSource> ReadValid(IReadOnlyList<string> paths, Messages messages)
    {
        var sources = Read(paths);
        RequireValid(sources, messages);
        return sources;
    }

    /// <summary>Says what is wrong with files that were read, and goes on only when nothing is.</summary>
    /// <exception cref="CliException">A file is invalid.</exception>
    public static void RequireValid(IReadOnlyList<DagSource> sources, Messages messages)
    {
        Report(sources, messages);
        if (sources.Any(s => s.Errors > 0)) throw CliException.Invalid($"{Verdict(sources)}; nothing was done");
    }

    /// <summary>Reads files; a DAG that two of them define is a problem of the second.</summary>
    public static IReadOnlyList<DagSource> Read(IReadOnlyList<string> paths)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var sources = new List<DagSource>();
        foreach (var path in paths)
        {
            var source = DagSource.Read(path);
            var dag = source.Version?.Spec.Id.Value;
            if (dag is not null && !first.TryAdd(dag, path))
            {
                var twice = new FileProblem(path, 1, 1, "dag", $"'{dag}' is defined in {first[dag]} already; give one of them another id");
                source = source with { Problems = [.. source.Problems, twice], Version = null };
            }

            sources.Add(source);
        }

        return sources;
    }

    /// <summary>One line per problem, as editors and terminals can follow them.</summary>
    public static void Report(IEnumerable<DagSource> sources, Messages messages)
    {
        foreach (var problem in sources.SelectMany(s => s.Problems))
            if (problem.Severity == Severity.Error) messages.Line(Line(problem));
            else messages.Say(Line(problem));
    }

    /// <summary>How many errors there are in how many files.</summary>
    public static string Verdict(IReadOnlyList<DagSource> sources)
    {
        var errors = sources.Sum(s => s.Errors);
        var bad = sources.Count(s => s.Errors > 0);
        var where = sources.Count == 1 ? sources[0].File : $"{bad} of {Words.Count(sources.Count, "file")}";
        return $"{Words.Count(errors, "error")} in {where}";
    }

    private static string Line(FileProblem problem) => problem.ToString();

    private static IEnumerable<string> Expand(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw CliException.Invalid($"{path}: there is no such file or folder");
        var found = Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" && !IsHidden(Path.GetRelativePath(path, f)))
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count > 0 ? found : throw CliException.Invalid($"{path}: there is no DAG file (*.yaml, *.yml) in this folder");
    }

    private static bool IsHidden(string relative) =>
        relative.Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'));
}
