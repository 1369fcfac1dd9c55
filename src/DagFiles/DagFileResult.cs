using System.Diagnostics.CodeAnalysis;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.DagFiles;

/// <summary>What became of reading a DAG file.</summary>
/// <param name="Spec">The DAG; null when there are errors.</param>
/// <param name="Problems">Everything that was found, errors and warnings, in the order of the file.</param>
public sealed record DagFileResult(DagSpec? Spec, IReadOnlyList<FileProblem> Problems)
{
    /// <summary>Whether the DAG can be used; there may be warnings.</summary>
    [MemberNotNullWhen(true, nameof(Spec))]
    public bool IsValid => Spec is not null;
}
