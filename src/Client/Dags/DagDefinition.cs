using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Client.Dags;

/// <summary>A DAG that was built and found valid. Never changed.</summary>
public sealed record DagDefinition
{
    internal DagDefinition(DagSpec spec, IReadOnlyList<SpecProblem> warnings)
    {
        Spec = spec;
        Warnings = warnings;
        CanonicalJson = Domain.Dags.CanonicalJson.Write(spec);
        Hash = Domain.Dags.CanonicalJson.Hash(CanonicalJson);
    }

    /// <summary>The DAG, defaults and groups merged into its tasks.</summary>
    public DagSpec Spec { get; }

    /// <summary>What a version stores.</summary>
    public string CanonicalJson { get; }

    /// <summary>The name of the version: the SHA-256 of <see cref="CanonicalJson"/> in lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>What works, but probably not as meant.</summary>
    public IReadOnlyList<SpecProblem> Warnings { get; }
}

/// <summary>A DAG that was built has errors.</summary>
/// <param name="dag">The DAG's id.</param>
/// <param name="problems">All that were found.</param>
public sealed class DagBuildException(string dag, IReadOnlyList<SpecProblem> problems) : Exception(
    $"DAG '{dag}' is invalid:" + string.Concat(problems.Where(p => p.Severity == Severity.Error).Select(p => $"\n  {p}")))
{
    /// <summary>All that were found, warnings too.</summary>
    public IReadOnlyList<SpecProblem> Problems { get; } = problems;
}
