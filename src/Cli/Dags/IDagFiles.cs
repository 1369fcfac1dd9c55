using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Dags;

/// <summary>What commands need of DAG files and of the versions made from them.</summary>
internal interface IDagFiles
{
    /// <summary>Reads and checks a file. Every problem is in the result, those of the file system too.</summary>
    DagSource Read(string path);

    /// <summary>The specification that a version stores.</summary>
    DagSpec ReadSpec(string canonicalJson);

    /// <summary>What differs between two versions, one line each: <c>tasks.train.retries: 1 -> 3</c>. Empty: nothing.</summary>
    IReadOnlyList<string> Diff(DagSpec from, DagSpec to);

    /// <summary>The JSON schema of DAG files.</summary>
    JsonNode Schema();
}

/// <summary>A file that was read.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Problems">What is wrong with it, in the order of the file.</param>
/// <param name="Version">What it says; null when it is refused.</param>
internal sealed record DagSource(string File, IReadOnlyList<FileProblem> Problems, ParsedDag? Version)
{
    /// <summary>How many of the problems are errors.</summary>
    public int Errors => Problems.Count(p => p.Severity == Severity.Error);
}

/// <summary>A valid DAG.</summary>
/// <param name="Spec">The DAG.</param>
/// <param name="Canonical">Its canonical JSON.</param>
/// <param name="Hash">The content hash of that: the version.</param>
internal sealed record ParsedDag(DagSpec Spec, string Canonical, string Hash);
