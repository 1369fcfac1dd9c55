using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>A DAG file that was read.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Problems">What is wrong with it, in the order of the file.</param>
/// <param name="Version">What it says; null when it is refused, or when a server has read it.</param>
internal sealed record DagSource(string File, IReadOnlyList<FileProblem> Problems, ParsedDag? Version)
{
    /// <summary>How many of the problems are errors.</summary>
    public int Errors => Problems.Count(p => p.Severity == Severity.Error);

    /// <summary>Reads and checks a file. Every problem is in the result, those of the file system too.</summary>
    public static DagSource Read(string path)
    {
        try
        {
            return DagText.Load(path).Read();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new DagSource(path, [new FileProblem(path, 1, 1, "", $"cannot be read: {refused.Message}")], null);
        }
    }
}

/// <summary>A valid DAG.</summary>
/// <param name="Spec">The DAG.</param>
/// <param name="Canonical">Its canonical JSON.</param>
/// <param name="Hash">The content hash of that: the version.</param>
internal sealed record ParsedDag(DagSpec Spec, string Canonical, string Hash)
{
    /// <summary>The version that a specification makes.</summary>
    public static ParsedDag Of(DagSpec spec)
    {
        var canonical = CanonicalJson.Write(spec);
        return new ParsedDag(spec, canonical, CanonicalJson.Hash(canonical));
    }
}
