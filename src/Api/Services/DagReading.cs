using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Rpc;
using Severity = OrleansFlow.Domain.Dags.Severity;

namespace OrleansFlow.Api.Services;

/// <summary>A DAG that came with a call, read and judged.</summary>
/// <param name="Path">Where it lies at the client; null when it was not said.</param>
/// <param name="Spec">What it says; null when it is refused.</param>
/// <param name="Problems">What was found.</param>
internal sealed record ReadDag(string? Path, DagSpec? Spec, IReadOnlyList<DagProblem> Problems)
{
    private const int MostProblems = 50;
    private const int MostBytes = 2500;
    private const int LongestProblem = 300;

    /// <summary>The version that it makes.</summary>
    public ParsedVersion? Version { get; } = Spec is null ? null : ParsedVersion.Of(Spec);

    /// <summary>The file as local tasks see it: its folder is where they run. Null when the path is not a full one.</summary>
    public string? SourceFile => System.IO.Path.IsPathFullyQualified(Path ?? "") ? Path : null;

    /// <summary>The report for people.</summary>
    public DagReport Report()
    {
        var report = new DagReport { Path = Path ?? "", Valid = Spec is not null };
        report.Problems.AddRange(Problems);
        if (Spec is null || Version is null) return report;
        report.Dag = ResourceNames.Of(Spec.Id);
        report.Version = ResourceNames.OfVersion(Spec.Id, Version.Hash);
        report.TaskCount = Spec.Tasks.Count;
        return report;
    }

    /// <summary>The version, when it is valid.</summary>
    /// <exception cref="RpcException">It is not; the report is among the details, of many problems with the first ones only.</exception>
    public ParsedVersion Valid()
    {
        if (Version is not null) return Version;
        var errors = Problems.Where(problem => problem.Severity == Contracts.V1.Severity.Error).ToList();
        var first = errors.Count == 0 ? "" : $": {Path ?? "the file"}:{errors[0].Line}:{errors[0].Column}: {errors[0].Path}{(errors[0].Path.Length > 0 ? ": " : "")}{errors[0].Message}";
        var (report, left) = ReportOfTheFirst();
        var more = left == 0 ? "" : $" ({left} more problems do not fit in here: ValidateDag tells all)";
        throw new RpcException(
            RpcCode.InvalidArgument, $"The DAG has {errors.Count} error{(errors.Count == 1 ? "" : "s")}{RequestCheck.Short(first, LongestProblem)}{more}",
            [ApiError.Info(ErrorReason.InvalidDag, ("path", RequestCheck.Short(Path ?? "", LongestProblem))), new InvalidDag { Report = report }]);
    }

    // Details of errors are headers, of which clients take 8 KiB. Errors go before warnings.
    private (DagReport Report, int Left) ReportOfTheFirst()
    {
        var report = new DagReport { Path = RequestCheck.Short(Path ?? "", LongestProblem) };
        foreach (var problem in Problems.OrderByDescending(problem => problem.Severity == Contracts.V1.Severity.Error))
        {
            var told = problem.Clone();
            (told.Path, told.Message) = (RequestCheck.Short(told.Path, LongestProblem), RequestCheck.Short(told.Message, LongestProblem));
            if (report.Problems.Count == MostProblems || report.CalculateSize() + told.CalculateSize() > MostBytes) break;
            report.Problems.Add(told);
        }

        return (report, Problems.Count - report.Problems.Count);
    }
}

/// <summary>A version by its content.</summary>
internal sealed record ParsedVersion(DagSpec Spec, string Canonical, string Hash)
{
    public static ParsedVersion Of(DagSpec spec)
    {
        var canonical = CanonicalJson.Write(spec);
        return new ParsedVersion(spec, canonical, CanonicalJson.Hash(canonical));
    }
}

/// <summary>Reads DAGs that come with calls. Pure and thread-safe.</summary>
internal static class DagReading
{
    /// <summary>The greatest size of a DAG, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const string Unnamed = "dag.yaml";

    /// <summary>Reads a source; its own problems are in the result.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public static ReadDag Read(DagSource? source, string field)
    {
        var check = new RequestCheck();
        if (source is null || source.ContentCase == DagSource.ContentOneofCase.None)
            check.Add(source is null ? field : $"{field}.yaml", "REQUIRED", "a DAG is required, as YAML or as the canonical JSON of its specification");
        else if (source.Path.Length > 4096) check.Add($"{field}.path", "OUT_OF_RANGE", "a path has at most 4,096 characters");
        else if (source.SpecJson.Length > MaxBytes) check.Add($"{field}.spec_json", "OUT_OF_RANGE", "a specification has at most 8 MiB");
        check.ThrowIfWrong();
        return source!.ContentCase == DagSource.ContentOneofCase.Yaml ? OfYaml(source) : OfSpec(source);
    }

    private static ReadDag OfYaml(DagSource source)
    {
        var path = PathOf(source);
        var result = DagFile.Parse(source.Yaml.Span, path ?? Unnamed);
        return new ReadDag(path, result.Spec, [.. result.Problems.Select(problem => new DagProblem
        {
            Severity = problem.Severity.ToProto(),
            Line = problem.Line,
            Column = problem.Column,
            Path = problem.Path,
            Message = problem.Message,
        })]);
    }

    private static ReadDag OfSpec(DagSource source)
    {
        var path = PathOf(source);
        try
        {
            var spec = CanonicalJson.Read(source.SpecJson);
            var problems = DagValidator.Validate(spec);
            var refused = problems.Any(problem => problem.Severity == Severity.Error);
            return new ReadDag(path, refused ? null : spec, [.. problems.Select(problem => Problem(problem.Path, problem.Message, problem.Severity))]);
        }
        catch (FormatException wrong)
        {
            return new ReadDag(path, null, [Problem("", wrong.Message, Severity.Error)]);
        }
    }

    private static DagProblem Problem(string path, string message, Severity severity) =>
        new() { Severity = severity.ToProto(), Line = 1, Column = 1, Path = path, Message = message };

    private static string? PathOf(DagSource source) => source.Path.Length == 0 ? null : source.Path;
}
